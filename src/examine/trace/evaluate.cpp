// trace_evaluation [WORLDS [LISTS [DRAWINGS [FIRST_SEED [SAMPLED]]]]]: prints the table of docs/trace.md. Seeds below
// 1,000 were for tuning; those from 1,000 on are reported.
#include <cstdio>
#include <cstdlib>

#include "examine/trace/evaluation.h"
#include "examine/trace/gather.h"

int main(int argc, char** argv) {
  using weerbaar::trace::kSampledPersonsMax;
  using namespace weerbaar::trace::testing;
  const auto number = [&](int place, unsigned long otherwise) {
    return argc > place ? std::strtoul(argv[place], nullptr, 10) : otherwise;
  };
  const unsigned long worlds = number(1, 20);
  const unsigned long first_seed = number(4, 1'000);
  Tallies tallies{};
  for (unsigned long seed = first_seed; seed < first_seed + worlds; ++seed) {
    evaluate_world(seed, number(2, 5), number(3, 999), number(5, kSampledPersonsMax), tallies);
  }
  std::fputs(to_table(tallies).c_str(), stdout);
  return 0;
}

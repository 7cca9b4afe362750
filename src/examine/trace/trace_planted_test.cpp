#include <gtest/gtest.h>

#include "examine/trace/evaluation.h"
#include "examine/trace/gather.h"

namespace weerbaar::trace::testing {
namespace {

// Fewer lists and drawings than the evaluation in docs/trace.md, with seeds of their own; the shares asked are those
// that 100 lists must reach.
TEST(TracePlanted, finds_who_leaked_and_is_not_certain_where_nobody_did) {
  constexpr uint64_t kFirstSeed = 2'000;
  constexpr uint64_t kWorlds = 2;
  constexpr size_t kLists = 10;
  constexpr uint64_t kDrawings = 199;
  Tallies tallies{};
  for (uint64_t seed = kFirstSeed; seed < kFirstSeed + kWorlds; ++seed) {
    evaluate_world(seed, kLists, kDrawings, kSampledPersonsMax, tallies);
  }
  const std::string table = to_table(tallies);
  const auto of = [&](Kind kind) { return tallies[static_cast<size_t>(kind)]; };
  EXPECT_GE(of(Kind::kSeller).first * 100, of(Kind::kSeller).runs * 95) << table;
  EXPECT_GE(of(Kind::kPair).all_in_five * 100, of(Kind::kPair).runs * 80) << table;
  for (const Kind kind : {Kind::kAnybody, Kind::kRegion, Kind::kCaseLoad}) {
    EXPECT_GE(of(kind).at_least_5 * 100, of(kind).runs * 90) << name_of(kind) << '\n' << table;
  }
  // A chance that is always high would pass all of that.
  EXPECT_GE(of(Kind::kSeller).below_1 * 100, of(Kind::kSeller).runs * 80) << table;
}

}  // namespace
}  // namespace weerbaar::trace::testing

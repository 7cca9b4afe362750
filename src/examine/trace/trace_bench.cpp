// One trace of twenty persons in an administration of 2,000 employees and 100,000 persons.
#include <benchmark/benchmark.h>

#include "examine/trace/generated_world.h"
#include "examine/trace/trace.h"

namespace weerbaar::trace {
namespace {

void trace_a_seller(benchmark::State& state) {
  testing::GeneratedWorld world(1);
  const testing::Planted planted = world.plant_seller();
  const Activity activity = world.activity();
  const Leak leak = world.leak_of(planted);
  for (auto _ : state) {
    BaseRates rates(activity);
    benchmark::DoNotOptimize(trace(leak, rates, {}));
  }
}
BENCHMARK(trace_a_seller)->Unit(benchmark::kMillisecond);

void find_base_rates_of_a_person(benchmark::State& state) {
  const testing::GeneratedWorld world(1);
  const Activity activity = world.activity();
  BaseRates rates(activity);
  Person person = 0;
  std::vector<Reader> readers;
  std::vector<double> found;
  for (auto _ : state) {
    person = (person + 7'919) % testing::GeneratedWorld::kPersons;
    readers.clear();
    for (const Link link : activity.readers_of(person)) readers.push_back(link.number());
    rates.find(person, readers, readers, found);
    benchmark::DoNotOptimize(found.data());
  }
}
BENCHMARK(find_base_rates_of_a_person)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weerbaar::trace

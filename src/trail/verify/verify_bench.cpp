// How many entries a second a whole verification takes, from files in memory: by one thread, and by one a processor.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

void verify_trail(benchmark::State& state) {
  const SampleTrail& sample = large_sample();
  const auto disk = disk_with(sample.files);
  VerifyOptions options = options_for(*disk, sample);
  options.threads = static_cast<unsigned>(state.range(0));
  for (auto _ : state) WEERBAAR_CHECK(verify(options).value().ok);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(sample.size));
}
// The time on the clock: the work is done by other threads than the one that is measured.
BENCHMARK(verify_trail)->ArgName("threads")->Arg(1)->Arg(0)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace weerbaar::trail

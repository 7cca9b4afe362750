// A segment of varied events: sealing, opening, regenerating one entry or all.
#include <benchmark/benchmark.h>

#include "trail/format/segment_scan.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

const testing::SegmentSample& sample() {
  static const testing::SegmentSample sample(testing::varied_entries());
  return sample;
}

const Bytes& file() {
  static const Bytes file = sample().write();
  return file;
}

void Segment_seal(benchmark::State& state) {
  sample();
  for (auto _ : state) benchmark::DoNotOptimize(sample().write().data());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kSegmentEntries));
  state.counters["bytes_per_entry"] = static_cast<double>(file().size()) / static_cast<double>(kSegmentEntries);
}
BENCHMARK(Segment_seal)->Unit(benchmark::kMillisecond);

void Segment_open(benchmark::State& state) {
  file();
  for (auto _ : state) benchmark::DoNotOptimize(Segment::open(file())->header().root.data());
}
BENCHMARK(Segment_open)->Unit(benchmark::kMillisecond);

void Segment_regenerate(benchmark::State& state) {
  const Segment segment = Segment::open(file()).value();
  Bytes bytes;
  for (auto _ : state) {
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      bytes.clear();
      segment.entry(row, bytes);
    }
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kSegmentEntries));
}
BENCHMARK(Segment_regenerate)->Unit(benchmark::kMillisecond);

void Segment_scan(benchmark::State& state) {
  const Segment segment = Segment::open(file()).value();
  Bytes bytes;
  for (auto _ : state) {
    SegmentScan scan(segment);
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      bytes.clear();
      scan.append(row, bytes);
    }
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kSegmentEntries));
}
BENCHMARK(Segment_scan)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weerbaar::trail

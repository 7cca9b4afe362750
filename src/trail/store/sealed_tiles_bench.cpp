// Tiles of a sealed segment, as a mirror fetches them one after another, and as somebody fetches one anywhere.
#include <benchmark/benchmark.h>

#include "os/memory.h"
#include "trail/store/sealed_tiles.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kTiles = kSegmentEntries / kTileEntries;

const SealedSegments& segments() {
  static os::MemoryFileSystem files;
  static const std::unique_ptr<SealedSegments> opened = [] {
    for (const char* folder : {"t/segments", "t/index"}) WEERBAAR_CHECK(files.make_directory(folder).has_value());
    const testing::SegmentSample sample(testing::varied_entries());
    WEERBAAR_CHECK(os::write_file_atomically(files, "t/segments/000000000.segment", sample.write()).has_value());
    return SealedSegments::open(files, "t", 2, true).value();
  }();
  return *opened;
}

void Tiles_in_order(benchmark::State& state) {
  segments();
  for (auto _ : state) {
    SealedTiles tiles;
    for (uint64_t number = 0; number < kTiles; ++number) {
      benchmark::DoNotOptimize(tiles.tile(segments(), number).value()->bundle.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kTiles));
}
BENCHMARK(Tiles_in_order)->Unit(benchmark::kMillisecond);

void Tile_anywhere(benchmark::State& state) {
  segments();
  uint64_t number = 0;
  for (auto _ : state) {
    SealedTiles tiles;
    number = (number + 97) % kTiles;
    benchmark::DoNotOptimize(tiles.tile(segments(), number).value()->bundle.data());
  }
}
BENCHMARK(Tile_anywhere)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weerbaar::trail

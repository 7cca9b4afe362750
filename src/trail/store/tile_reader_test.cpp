// A few tiles of a segment, against the segment opened whole.
#include "trail/store/tile_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "os/testing.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

void expect_same(TileReader& reader, ByteView file, std::span<const uint32_t> tiles) {
  const SegmentHead head = read_segment_head(file).value();
  const Segment segment = Segment::open(file).value();
  std::vector<Bytes> entries = {Bytes{1, 2, 3}};
  const Status read = reader.read(file, head, tiles, entries);
  ASSERT_TRUE(read.has_value()) << read.error().text;
  ASSERT_EQ(entries.size(), tiles.size() * kTileEntries);
  Bytes expected;
  for (size_t i = 0; i < entries.size(); ++i) {
    expected.clear();
    segment.entry(tiles[i / kTileEntries] * kTileEntries + i % kTileEntries, expected);
    ASSERT_EQ(entries[i], expected) << tiles[i / kTileEntries] << " " << i % kTileEntries;
  }
}

TEST(TileReader, gives_the_entries_of_the_segment) {
  TileReader reader;
  for (const auto& made : {testing::varied_entries(), testing::repetitive_entries()}) {
    const Bytes file = testing::SegmentSample(made).write();
    std::vector<uint32_t> all(kTileEntries);
    for (uint32_t tile = 0; tile < all.size(); ++tile) all[tile] = tile;
    for (const auto& tiles : {std::vector<uint32_t>{}, {0}, {255}, {7}, {0, 1, 100, 255}, all}) {
      expect_same(reader, file, tiles);
    }
  }
}

TEST(TileReader, refuses_a_section_that_is_damaged) {
  const Bytes whole = testing::SegmentSample(testing::varied_entries()).write();
  const SegmentHead head = read_segment_head(whole).value();
  TileReader reader;
  std::vector<Bytes> entries;
  const uint32_t tiles[] = {3};
  for (const SectionPlace& place : head.sections) {
    if (place.id == Section::kTileHashes || place.length == 0) continue;
    Bytes file = whole;
    file[place.offset + place.length / 2] ^= 1U;
    const Status read = reader.read(file, head, tiles, entries);
    ASSERT_EQ(os::refusal(read), Code::kCorrupt) << to_string(place.id);
    EXPECT_NE(read.error().text.find(to_string(place.id)), std::string::npos) << read.error().text;
  }
}

}  // namespace
}  // namespace weerbaar::trail

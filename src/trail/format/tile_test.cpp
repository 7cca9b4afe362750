#include "trail/format/tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace weerbaar::trail {
namespace {

TEST(Tile, paths_are_those_of_the_specification) {
  EXPECT_EQ(tile_path(0, 0, 256), "tile/0/000");
  EXPECT_EQ(tile_path(1, 0, 1), "tile/1/000.p/1");
  EXPECT_EQ(tile_path(0, 999, 256), "tile/0/999");
  EXPECT_EQ(tile_path(0, 1000, 255), "tile/0/x001/000.p/255");
  EXPECT_EQ(tile_path(0, 1234067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(63, 1'000'000, 256), "tile/63/x001/x000/000");
  EXPECT_EQ(tile_path(0, ~uint64_t{0}, 256), "tile/0/x018/x446/x744/x073/x709/x551/615");
  EXPECT_EQ(entries_path(1234067, 256), "tile/entries/x001/x234/067");
  EXPECT_EQ(entries_path(273, 112), "tile/entries/273.p/112");
}

TEST(Tile, every_path_is_read_back_and_nothing_else_is) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    const uint64_t number = random() >> (random() % 64);
    const auto width = static_cast<unsigned>(1 + random() % kTileWidth);
    const auto level = static_cast<unsigned>(random() % (kTileLevelMax + 1));
    ASSERT_EQ(parse_tile_path(tile_path(level, number, width)).value(), (TilePath{false, {level, number, width}}));
    ASSERT_EQ(parse_tile_path(entries_path(number, width)).value(), (TilePath{true, {0, number, width}}));
  }
  const char* const wrong[] = {"",
                               "tile",
                               "tile/0",
                               "tile/0/",
                               "tile/0/0",
                               "tile/0/0000",
                               "tile/00/000",
                               "tile/64/000",
                               "tile/-1/000",
                               "tile/0/x000/000",
                               "tile/0/001/000",
                               "tile/0/x001",
                               "tile/0/x001/",
                               "tile/0/000/",
                               "tile/0/000.p",
                               "tile/0/000.p/",
                               "tile/0/000.p/0",
                               "tile/0/000.p/256",
                               "tile/0/000.p/01",
                               "tile/0/000.p/1/2",
                               "tile/0/000/1",
                               "tile/0/x018/x446/x744/x073/x709/x551/616",
                               "tile/entries/",
                               "tile/Entries/000",
                               "entries/000",
                               "/tile/0/000",
                               "tile/0/..%2f",
                               "tile/0/+01",
                               "checkpoint"};
  for (const char* path : wrong) EXPECT_FALSE(parse_tile_path(path)) << path;
}

TEST(Tile, the_examples_of_the_specification_have_their_tiles) {
  EXPECT_EQ(list_tiles(TreeSize(256)), (std::vector<Tile>{{0, 0, 256}, {1, 0, 1}}));
  EXPECT_EQ(tile_levels(TreeSize(70'000)), (std::vector<TileLevel>{{0, 273, 112}, {1, 1, 17}, {2, 0, 1}}));
  const auto list = list_tiles(TreeSize(70'000));
  EXPECT_EQ(list.size(), 273U + 1 + 1 + 1 + 1);
  EXPECT_EQ(list[0], (Tile{0, 0, 256}));
  EXPECT_EQ(list[272], (Tile{0, 272, 256}));
  EXPECT_EQ(list[273], (Tile{0, 273, 112}));
  EXPECT_EQ(list[274], (Tile{1, 0, 256}));
  EXPECT_EQ(list[275], (Tile{1, 1, 17}));
  EXPECT_EQ(list[276], (Tile{2, 0, 1}));
}

TEST(Tile, an_empty_tree_has_none_and_the_largest_has_eight_levels) {
  EXPECT_TRUE(list_tiles(TreeSize(0)).empty());
  const auto levels = tile_levels(TreeSize(~uint64_t{0}));
  ASSERT_EQ(levels.size(), 8U);
  EXPECT_EQ(levels[0], (TileLevel{0, (uint64_t{1} << 56U) - 1, 255}));
  EXPECT_EQ(levels[7], (TileLevel{7, 0, 255}));
}

TEST(Tile, every_complete_subtree_is_in_a_tile_once) {
  for (const uint64_t size : {uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{257}, uint64_t{65'535},
                              uint64_t{65'536}, uint64_t{65'537}, uint64_t{200'000}}) {
    uint64_t hashes[8] = {};
    for (const Tile& tile : list_tiles(TreeSize(size))) {
      ASSERT_TRUE(tile.width >= 1 && tile.width <= kTileWidth);
      ASSERT_EQ(tile.number * kTileWidth, hashes[tile.level]);  // in order, without gaps
      hashes[tile.level] += tile.width;
    }
    for (unsigned level = 0; level < 8; ++level) ASSERT_EQ(hashes[level], size >> (8 * level)) << size;
  }
}

TEST(Tile, a_tree_covers_the_tiles_that_it_needs_and_no_hash_more) {
  for (const uint64_t size : {uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{257}, uint64_t{70'000}}) {
    for (const TileLevel& level : tile_levels(TreeSize(size))) {
      EXPECT_TRUE(level.full == 0 || covers(TreeSize(size), {level.level, level.full - 1, kTileWidth})) << size;
      EXPECT_TRUE(level.partial == 0 || covers(TreeSize(size), {level.level, level.full, level.partial})) << size;
      EXPECT_FALSE(covers(TreeSize(size), {level.level, level.full, level.partial + 1})) << size;
      EXPECT_FALSE(covers(TreeSize(size), {level.level, level.full + 1, 1})) << size;
    }
    EXPECT_FALSE(covers(TreeSize(size), {4, 0, 1})) << size;
    EXPECT_FALSE(covers(TreeSize(size), {kTileLevelMax, 0, 1})) << size;
    EXPECT_FALSE(covers(TreeSize(size), {0, UINT64_MAX, kTileWidth})) << size;
  }
}

TEST(Tile, a_bundle_goes_both_ways) {
  std::mt19937_64 random(6);
  for (unsigned width = 1; width <= kTileWidth; width += 51) {
    std::vector<Bytes> entries(width);
    for (Bytes& entry : entries) {
      entry.resize(random() % 400);
      std::ranges::generate(entry, [&] { return static_cast<uint8_t>(random()); });
    }
    entries.front().resize(kEntryBytesMax);
    const std::vector<ByteView> views(entries.begin(), entries.end());
    const Bytes bundle = encode_bundle(views).value();
    const auto decoded = decode_bundle(bundle, width).value();
    ASSERT_EQ(decoded.size(), entries.size());
    for (size_t i = 0; i < entries.size(); ++i) ASSERT_TRUE(std::ranges::equal(decoded[i], entries[i]));
    EXPECT_EQ(decode_bundle(bundle, width + 1).error().code, Code::kInvalid);
    EXPECT_EQ(decode_bundle(bundle, width - 1).error().code, Code::kInvalid);
  }
}

TEST(Tile, a_bundle_is_length_and_entry) {
  const Bytes two{1, 2};
  const ByteView entries[] = {two, {}};
  EXPECT_EQ(encode_bundle(entries).value(), (Bytes{0, 2, 1, 2, 0, 0}));
}

TEST(Tile, a_bundle_that_is_cut_anywhere_is_refused) {
  const Bytes bundle{0, 2, 1, 2, 0, 0, 0, 1, 9};
  EXPECT_TRUE(decode_bundle(bundle, 3));
  for (size_t size = 0; size < bundle.size(); ++size) {
    EXPECT_EQ(decode_bundle(ByteView(bundle).first(size), 3).error().code, Code::kInvalid) << size;
  }
}

TEST(Tile, an_entry_too_long_for_its_length_is_refused) {
  const Bytes entry(kEntryBytesMax + 1);
  const ByteView entries[] = {entry};
  EXPECT_EQ(encode_bundle(entries).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trail

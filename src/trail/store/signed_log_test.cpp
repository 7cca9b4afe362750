#include "trail/store/signed_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "os/testing.h"
#include "trail/format/merkle.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

class SignedLogTest : public testing::TrailFixture {
 protected:
  // Fills up to `size` entries and signs.
  static void fill_to(Trail& trail, uint64_t size) {
    fill(trail, trail.size().value(), size - trail.size().value());
    ASSERT_TRUE(trail.sign().has_value());
  }
  static std::vector<Hash> leaves_of(const Trail& trail) {
    std::vector<Hash> leaves;
    Bytes bytes;
    for (uint64_t i = 0; i < trail.size().value(); ++i) {
      bytes.clear();
      EXPECT_TRUE(trail.entry(EntryIndex(i), bytes));
      leaves.push_back(leaf_hash(bytes));
    }
    return leaves;
  }
  static TilePath hashes(unsigned level, uint64_t number, unsigned width) { return {false, {level, number, width}}; }
};

TEST_F(SignedLogTest, every_range_has_the_root_that_the_leaves_give) {
  const auto trail = open();
  fill_to(*trail, kSegmentEntries + 1'000);
  const std::vector<Hash> leaves = leaves_of(*trail);
  for (const bool sealed : {false, true}) {
    if (sealed) {
      ASSERT_TRUE(trail->finish_sealing());
    }
    const auto log = trail->signed_log();
    EXPECT_EQ(log->range_root(0, leaves.size()).value(), log->checkpoint().root);
    std::mt19937_64 random(3);
    for (int i = 0; i < 300; ++i) {
      // Subtrees of the tree, as proofs ask for them.
      const uint64_t width = uint64_t{1} << (random() % 17);
      const uint64_t begin = random() % leaves.size() / width * width;
      const uint64_t end = std::min<uint64_t>(begin + width, leaves.size());
      ASSERT_EQ(log->range_root(begin, end).value(), tree_root(std::span(leaves).subspan(begin, end - begin)))
          << begin << " " << end;
    }
    EXPECT_EQ(refusal(log->range_root(0, leaves.size() + 1)), Code::kInvalid);
    EXPECT_EQ(refusal(log->range_root(5, 5)), Code::kInvalid);
  }
}

TEST_F(SignedLogTest, proves_every_older_checkpoint_consistent_with_itself) {
  const auto trail = open();
  std::vector<Checkpoint> older;
  for (const uint64_t size : {1U, 2U, 255U, 256U, 257U, 4'097U, 65'535U, 65'536U, 65'537U, 70'000U}) {
    fill_to(*trail, size);
    older.push_back(trail->checkpoint());
    const auto log = trail->signed_log();
    for (const Checkpoint& old : older) {
      const auto proof = consistency_proof(old.size, log->checkpoint().size,
                                           [&](uint64_t begin, uint64_t end) { return log->range_root(begin, end); });
      ASSERT_TRUE(proof.has_value()) << proof.error().text;
      ASSERT_TRUE(verify_consistency(old.size, log->checkpoint().size, old.root, log->checkpoint().root, *proof));
    }
  }
}

TEST_F(SignedLogTest, gives_no_tile_that_the_signed_checkpoint_does_not_cover) {
  const auto trail = open();
  fill_to(*trail, 300);
  fill(*trail, 300, 500);
  const auto log = trail->signed_log();
  EXPECT_EQ(log->checkpoint().size.value(), 300U);
  EXPECT_TRUE(log->tile(hashes(0, 0, 256)));
  EXPECT_TRUE(log->tile(hashes(0, 1, 44)));
  EXPECT_TRUE(log->tile(hashes(0, 1, 3)));
  EXPECT_TRUE(log->tile(hashes(1, 0, 1)));
  EXPECT_EQ(refusal(log->tile(hashes(0, 1, 45))), Code::kNotFound);
  EXPECT_EQ(refusal(log->tile(hashes(0, 1, 256))), Code::kNotFound);
  EXPECT_EQ(refusal(log->tile(hashes(0, 2, 1))), Code::kNotFound);
  EXPECT_EQ(refusal(log->tile(hashes(1, 0, 2))), Code::kNotFound);
  EXPECT_EQ(refusal(log->tile(hashes(2, 0, 1))), Code::kNotFound);
  EXPECT_EQ(refusal(log->tile({true, {0, 1, 45}})), Code::kNotFound);
  for (const unsigned level : {0U, 1U, 7U, 8U, 63U}) {
    for (const uint64_t number : {~uint64_t{0}, ~uint64_t{0} / 256, uint64_t{1} << 56U}) {
      EXPECT_EQ(refusal(log->tile(hashes(level, number, 1))), Code::kNotFound);
      EXPECT_EQ(refusal(log->tile(hashes(level, number, 256))), Code::kNotFound);
    }
  }
}

TEST_F(SignedLogTest, of_an_empty_trail_has_no_tiles) {
  const auto log = open()->signed_log();
  EXPECT_EQ(log->checkpoint().size.value(), 0U);
  EXPECT_EQ(refusal(log->tile(hashes(0, 0, 1))), Code::kNotFound);
  EXPECT_EQ(refusal(log->tile({true, {0, 0, 1}})), Code::kNotFound);
}

TEST_F(SignedLogTest, a_partial_tile_is_the_same_for_ever_also_when_it_is_sealed) {
  const auto trail = open();
  fill_to(*trail, 1'000);
  const TilePath partial{true, {0, 3, 232}};
  const Bytes bundle = trail->signed_log()->tile(partial).value();
  const Bytes tile = trail->signed_log()->tile(hashes(0, 3, 232)).value();
  const Bytes upper = trail->signed_log()->tile(hashes(1, 0, 3)).value();
  fill_to(*trail, kSegmentEntries + 1);
  ASSERT_TRUE(trail->finish_sealing());
  const auto log = trail->signed_log();
  EXPECT_EQ(log->tile(partial).value(), bundle);
  EXPECT_EQ(log->tile(hashes(0, 3, 232)).value(), tile);
  EXPECT_EQ(log->tile(hashes(1, 0, 3)).value(), upper);
}

TEST_F(SignedLogTest, is_read_while_the_trail_grows_and_seals_and_after_it_is_gone) {
  auto trail = open();
  fill_to(*trail, 60'000);
  const auto log = trail->signed_log();
  const Bytes last = log->tile({true, {0, 234, 96}}).value();
  std::atomic<bool> ended = false;
  std::thread reader([&] {
    while (!ended) {
      EXPECT_EQ(log->tile({true, {0, 234, 96}}).value(), last);
      EXPECT_EQ(log->range_root(0, 60'000).value(), log->checkpoint().root);
    }
  });
  fill_to(*trail, 2 * kSegmentEntries + 10);
  EXPECT_TRUE(trail->finish_sealing());
  trail.reset();
  ended = true;
  reader.join();
  EXPECT_EQ(log->tile({true, {0, 234, 96}}).value(), last);
}

TEST_F(SignedLogTest, neighbours_are_read_once) {
  const auto trail = open();
  fill_to(*trail, kSegmentEntries);
  ASSERT_TRUE(trail->finish_sealing());
  SealedTiles tiles;
  for (uint64_t number = 0; number < 2 * SealedTiles::kRunTiles; ++number) {
    const auto tile = tiles.tile(trail->sealed(), number);
    ASSERT_TRUE(tile.has_value()) << tile.error().text;
    EXPECT_EQ((*tile)->hashes.size(), 8'192U);
  }
  EXPECT_EQ(tiles.runs_read(), 2U);
}

TEST_F(SignedLogTest, a_damaged_segment_gives_no_tile_and_is_named) {
  const auto trail = open();
  fill_to(*trail, kSegmentEntries);
  ASSERT_TRUE(trail->finish_sealing());
  const std::string path = "data/trail/segments/000000000.segment";
  Bytes content = os::read_file(files_, path, 1 << 30).value();
  const auto head = read_segment_head(content).value();
  const auto ids = std::ranges::find(head.sections, Section::kTime, &SectionPlace::id);
  content[ids->offset + ids->length / 2] ^= 1U;
  ASSERT_TRUE(os::write_file_atomically(files_, path, content));
  const auto again = Trail::open(options(), Access::kRead).value();
  const auto tile = again->signed_log()->tile(hashes(0, 0, 256));
  ASSERT_FALSE(tile.has_value());
  EXPECT_EQ(tile.error().code, Code::kCorrupt);
  EXPECT_NE(tile.error().text.find("000000000.segment"), std::string::npos) << tile.error().text;
}

}  // namespace
}  // namespace weerbaar::trail

#include "trail/verify/chapter_index.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <random>

#include "trail/format/filter.h"
#include "trail/store/chapter.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kHeadBytes = 64;

// A chapter of three segments from number 6 on, with a few keys.
ChapterKeys few_keys() {
  return {{10, {0}}, {20, {0, 2}}, {30, {1}}, {40, {0, 1, 2}}};
}
Bytes small_chapter() {
  return chapter_file(6, 3, few_keys());
}

// Offsets in that file.
size_t keys_at() {
  return kHeadBytes + filter_bytes(few_keys().size());
}
size_t firsts_at() {
  return keys_at() + few_keys().size() * 8;
}
size_t members_at() {
  return firsts_at() + (few_keys().size() + 1) * 4;
}

// The same file with its checksums mended.
Bytes mended(Bytes file) {
  store_le(file.data() + 48, uint64_t{XXH3_64bits(file.data() + kHeadBytes, file.size() - kHeadBytes)});
  store_le(file.data() + 56, uint64_t{XXH3_64bits(file.data(), 56)});
  return file;
}

bool opens(const Bytes& file) {
  return ChapterIndex::open(file).has_value();
}

TEST(ChapterIndex, reads_what_the_store_writes) {
  const Bytes& written = one_segment_sample().files.at("chapters/000000.chapter");
  const SegmentForge forge(one_segment_sample().files.at("segments/000000000.segment"));
  ChapterKeys keys;
  for (const uint64_t key : keys_of(forge.segment())) keys[key] = {0};
  EXPECT_EQ(chapter_file(0, 1, keys), written);
  const ChapterIndex chapter = ChapterIndex::open(written).value();
  EXPECT_EQ(chapter.first_segment(), 0U);
  EXPECT_EQ(chapter.segments(), 1U);
  EXPECT_EQ(chapter.count_listed(0), keys.size());
}

TEST(ChapterIndex, reads_a_chapter_of_several_segments_that_the_store_writes) {
  os::MemoryFileSystem disk;
  const SegmentForge first(large_sample().files.at("segments/000000000.segment"));
  const SegmentForge second(large_sample().files.at("segments/000000001.segment"));
  ASSERT_TRUE(Chapter::write(disk, "chapter", 0, {&first.segment(), &second.segment()}).has_value());
  ChapterKeys keys;
  for (const uint64_t key : keys_of(first.segment())) keys[key] = {0};
  for (const uint64_t key : keys_of(second.segment())) {
    if (!std::ranges::count(keys[key], 1)) keys[key].push_back(1);
  }
  EXPECT_EQ(chapter_file(0, 2, keys), os::read_file(disk, "chapter", 1 << 24).value());
}

TEST(ChapterIndex, finds_omissions) {
  const Bytes file = small_chapter();
  const ChapterIndex chapter = ChapterIndex::open(file).value();
  EXPECT_FALSE(chapter.covers(5));
  EXPECT_TRUE(chapter.covers(6));
  EXPECT_TRUE(chapter.covers(8));
  EXPECT_FALSE(chapter.covers(9));
  EXPECT_EQ(chapter.count_listed(6), 3U);
  EXPECT_EQ(chapter.count_listed(7), 2U);
  EXPECT_EQ(chapter.count_omitted(std::vector<uint64_t>{10, 20, 40}, 6), 0U);
  EXPECT_EQ(chapter.count_omitted(std::vector<uint64_t>{10, 20, 40}, 7), 2U);
  EXPECT_EQ(chapter.count_omitted(std::vector<uint64_t>{5, 15, 25, 35, 45}, 6), 5U);
  EXPECT_EQ(chapter.count_omitted({}, 6), 0U);
}

TEST(ChapterIndex, agrees_with_a_plain_search) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    ChapterKeys keys;
    std::vector<uint64_t> asked;
    for (size_t i = 0; i < 300; ++i) {
      const uint64_t key = random() % 1000;
      if (random() % 4 != 0) keys[key] = {static_cast<uint8_t>(random() % 2)};
      if (random() % 3 != 0) asked.push_back(key);
    }
    std::ranges::sort(asked);
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    const auto omitted =
        std::ranges::count_if(asked, [&](uint64_t key) { return !keys.contains(key) || keys[key][0] != 1; });
    const Bytes file = chapter_file(0, 2, keys);
    EXPECT_EQ(ChapterIndex::open(file).value().count_omitted(asked, 1), static_cast<uint64_t>(omitted));
  }
}

TEST(ChapterIndex, reads_a_chapter_without_keys) {
  const Bytes file = chapter_file(0, 1, {});
  EXPECT_EQ(ChapterIndex::open(file).value().count_listed(0), 0U);
}

TEST(ChapterIndex, refuses_a_file_in_which_any_bit_changed) {
  const Bytes good = small_chapter();
  ASSERT_TRUE(opens(good));
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(opens(bad)) << "bit " << bit;
  }
}

TEST(ChapterIndex, refuses_a_file_that_was_cut_short) {
  const Bytes good = small_chapter();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(opens(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
  }
}

TEST(ChapterIndex, refuses_content_that_hides_a_key_under_right_checksums) {
  const Bytes good = small_chapter();
  const auto refuses = [&](size_t at, const Bytes& put) {
    Bytes bad = good;
    std::ranges::copy(put, bad.begin() + static_cast<std::ptrdiff_t>(at));
    return !opens(mended(bad));
  };
  EXPECT_TRUE(refuses(keys_at(), {20, 0, 0, 0, 0, 0, 0, 0, 10})) << "keys that do not ascend";
  EXPECT_TRUE(refuses(firsts_at(), {1})) << "a first run that does not begin at the first member";
  EXPECT_TRUE(refuses(firsts_at() + 4, {0})) << "a key without members";
  EXPECT_TRUE(refuses(firsts_at() + 4, {9})) << "runs that cross";
  EXPECT_TRUE(refuses(firsts_at() + 16, {6})) << "a last run that ends too soon";
  EXPECT_TRUE(refuses(members_at() + 1, {2, 0})) << "members that do not ascend";
  EXPECT_TRUE(refuses(members_at(), {3})) << "a member outside the chapter";
  EXPECT_TRUE(refuses(kHeadBytes, Bytes(32))) << "an empty filter";
  EXPECT_TRUE(refuses(16, {0})) << "a chapter of no segments";
  EXPECT_TRUE(refuses(24, Bytes(8, 0xFF))) << "more keys than the file can hold";
  EXPECT_FALSE(refuses(members_at(), {0})) << "the same content";
}

}  // namespace
}  // namespace weerbaar::trail

#include "trail/verify/segment_index.h"

#include <gtest/gtest.h>

#include <map>

#include "trail/store/index_sample.h"
#include "trail/store/segment_sample.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

using trail::testing::Mix;
using trail::testing::mixed_entries;
using trail::testing::obvious_index;

std::vector<ByteView> views_of(const std::vector<Bytes>& entries) {
  return {entries.begin(), entries.end()};
}

// Everything that it says, against an index made the obvious way.
void expect_same(const SegmentIndex& index, uint64_t first, std::span<const ByteView> entries) {
  const auto obvious = obvious_index(first, entries);
  ASSERT_EQ(index.keys(), obvious.size());
  EXPECT_EQ(index.first_index(), first);
  EXPECT_EQ(index.entries(), entries.size());
  uint64_t at = 0;
  uint64_t actors = 0;
  for (const auto& [key, postings] : obvious) {
    const bool is_subject = key[0] == static_cast<uint8_t>(KeyKind::kSubject);
    if (key[0] == static_cast<uint8_t>(KeyKind::kActor)) {
      EXPECT_EQ(at, index.actors_begin() + actors++);
    }
    ASSERT_TRUE(std::ranges::equal(index.key(at), key));
    EXPECT_EQ(index.prefix(at), IndexPrefix::of(key));
    const SegmentIndex::Postings found = index.postings(at++);
    ASSERT_EQ(found.rows.size(), postings.size());
    ASSERT_EQ(found.micros.size(), is_subject ? postings.size() : 0U);
    for (size_t i = 0; i < postings.size(); ++i) {
      ASSERT_EQ(first + found.rows[i], postings[i].index);
      if (!is_subject) continue;
      ASSERT_EQ(found.time(i), postings[i].time);
      ASSERT_EQ(found.actors[i], postings[i].actor);
    }
  }
  EXPECT_EQ(index.actors_end() - index.actors_begin(), actors);
}

void expect_same(const SegmentIndex& a, const SegmentIndex& b) {
  ASSERT_EQ(a.keys(), b.keys());
  EXPECT_EQ(a.actors_begin(), b.actors_begin());
  EXPECT_EQ(a.actors_end(), b.actors_end());
  EXPECT_EQ(a.periods(a.entries()), b.periods(b.entries()));
  for (uint64_t key = 0; key < a.keys(); ++key) {
    ASSERT_TRUE(std::ranges::equal(a.key(key), b.key(key)));
    const auto left = a.postings(key);
    const auto right = b.postings(key);
    ASSERT_TRUE(std::ranges::equal(left.rows, right.rows) && std::ranges::equal(left.micros, right.micros) &&
                std::ranges::equal(left.actors, right.actors));
    for (size_t i = 0; i < left.micros.size(); ++i) ASSERT_EQ(left.time(i), right.time(i));
  }
}

const Mix kMixes[] = {
    {.seed = 1},
    {.seed = 2, .periods = 3, .out_of_order = 100'000},
    {.seed = 3, .persons = 50, .employees = 2, .time_unit = 1, .nanos = true},
    {.seed = 4, .persons = 30'000, .employees = 5'000, .periods = 2, .texts = true},
    {.seed = 5, .persons = 1, .employees = 1},
};

class EveryMixOfASegment : public ::testing::TestWithParam<Mix> {};

TEST_P(EveryMixOfASegment, an_index_of_columns_is_that_of_the_entries_and_an_obvious_one) {
  const trail::testing::SegmentSample sample(mixed_entries(GetParam(), kSegmentEntries, kSegmentEntries));
  const Bytes file = sample.write(kSegmentEntries);
  const Segment segment = Segment::open(file).value();
  const auto of_segment = SegmentIndex::of(segment);
  const auto of_entries = SegmentIndex::of(kSegmentEntries, sample.views);
  ASSERT_TRUE(of_segment && of_entries);
  expect_same(*of_segment, kSegmentEntries, sample.views);
  expect_same(*of_segment, *of_entries);
}

TEST_P(EveryMixOfASegment, an_index_of_a_few_entries_is_an_obvious_one) {
  for (const size_t count : {1U, 2U, 777U}) {
    const std::vector<Bytes> entries = mixed_entries(GetParam(), 5, count);
    const auto index = SegmentIndex::of(5, views_of(entries));
    ASSERT_TRUE(index);
    expect_same(*index, 5, views_of(entries));
  }
}

INSTANTIATE_TEST_SUITE_P(of, EveryMixOfASegment, ::testing::ValuesIn(kMixes),
                         [](const auto& mix) { return "seed_" + std::to_string(mix.param.seed); });

// Many periods, employees with several functions, subjects in several roles, all kinds of fields.
TEST(SegmentIndex, of_varied_entries_is_an_obvious_one) {
  const trail::testing::SegmentSample sample(trail::testing::varied_entries());
  const Bytes file = sample.write(0);
  const auto index = SegmentIndex::of(Segment::open(file).value());
  ASSERT_TRUE(index);
  expect_same(*index, 0, sample.views);
}

// The postings of the first entries, and their periods, are those of an index over only these.
TEST(SegmentIndex, of_the_first_entries_is_part_of_that_of_all) {
  const std::vector<Bytes> entries = mixed_entries({.seed = 7, .persons = 40, .periods = 5}, 0, 600);
  const auto views = views_of(entries);
  const auto all = SegmentIndex::of(0, views);
  for (const size_t count : {size_t{1}, size_t{2}, size_t{50}, size_t{599}, size_t{600}}) {
    const auto first = SegmentIndex::of(0, std::span(views).first(count));
    EXPECT_EQ(all->periods(count), first->periods(count));
    uint64_t at = 0;
    for (uint64_t key = 0; key < all->keys(); ++key) {
      const auto postings = all->postings(key, count);
      if (postings.rows.empty()) continue;
      ASSERT_TRUE(std::ranges::equal(all->key(key), first->key(at)));
      ASSERT_TRUE(std::ranges::equal(postings.rows, first->postings(at).rows));
      ASSERT_EQ(postings.micros.size(), first->postings(at).micros.size());
      ++at;
    }
    EXPECT_EQ(at, first->keys());
  }
}

TEST(SegmentIndex, of_records_only_has_neither_subjects_nor_actors) {
  std::vector<Bytes> entries(3);
  for (Bytes& entry : entries) encode(StoredRecord{"import", 5, "{}"}, entry);
  const auto index = SegmentIndex::of(9, views_of(entries));
  ASSERT_EQ(index->keys(), 1U);
  EXPECT_EQ(index->postings(0).rows.size(), 3U);
  EXPECT_EQ(index->actors_begin(), index->actors_end());
  EXPECT_TRUE(index->periods(3).empty());
}

TEST(SegmentIndex, is_not_made_when_it_takes_more_memory_than_it_may) {
  const std::vector<Bytes> entries = mixed_entries({.seed = 8}, 0, 5'000);
  const auto views = views_of(entries);
  EXPECT_TRUE(SegmentIndex::of(0, views, uint64_t{1} << 20U));
  EXPECT_FALSE(SegmentIndex::of(0, views, uint64_t{1} << 14U));
  const Bytes& file = one_segment_sample().files.at("segments/000000000.segment");
  const Segment segment = Segment::open(file).value();
  const uint64_t bytes = SegmentIndex::of(segment)->bytes();
  EXPECT_TRUE(SegmentIndex::of(segment, 2 * bytes));
  EXPECT_FALSE(SegmentIndex::of(segment, bytes / 2));
}

}  // namespace
}  // namespace weerbaar::trail

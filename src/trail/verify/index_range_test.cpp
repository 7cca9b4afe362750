#include "trail/verify/index_range.h"

#include <gtest/gtest.h>

#include "trail/store/index_sample.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

using trail::testing::hashed_postings;
using trail::testing::Mix;
using trail::testing::mixed_entries;
using trail::testing::obvious_index;
using trail::testing::ObviousIndex;

std::vector<ByteView> views_of(const std::vector<Bytes>& entries) {
  return {entries.begin(), entries.end()};
}

// Small parts, which stand as far from each other as those of a trail.
struct Parts {
  Parts(const Mix& mix, size_t count, size_t entries) {
    for (size_t part = 0; part < count; ++part) {
      const uint64_t first = part * kSegmentEntries;
      all.push_back(mixed_entries(mix, first, entries));
      indexes.push_back(SegmentIndex::of(first, views_of(all.back())));
      pointers.push_back(indexes.back().get());
    }
  }
  // Up to, not including, `end`; made by a map.
  [[nodiscard]] ObviousIndex obvious(uint64_t end) const {
    ObviousIndex index;
    for (size_t part = 0; part < all.size(); ++part) {
      const uint64_t first = part * kSegmentEntries;
      auto views = views_of(all[part]);
      if (first + views.size() > end) views.resize(end - first);
      for (const auto& [key, postings] : obvious_index(first, views)) {
        std::ranges::copy(postings, std::back_inserter(index[key]));
      }
    }
    return index;
  }

  std::vector<std::vector<Bytes>> all;
  std::vector<std::unique_ptr<const SegmentIndex>> indexes;
  std::vector<const SegmentIndex*> pointers;
};

IndexCommitment obvious_commitment(const ObviousIndex& index, uint64_t end) {
  IndexCommitment commitment{0, end, index.size(), {}, {}};
  std::vector<Hash> leaves;
  for (const auto& [key, postings] : index) {
    leaves.push_back(index_leaf_hash(key, sha256(hashed_postings(key, postings))));
    if (key[0] != static_cast<uint8_t>(KeyKind::kActor)) continue;
    const auto period = load_be<uint16_t>(key.data() + 1);
    if (commitment.periods.empty() || commitment.periods.back() != period) commitment.periods.push_back(period);
  }
  commitment.root = tree_root(leaves);
  return commitment;
}

const Mix kMixes[] = {
    {.seed = 1, .persons = 100, .employees = 20},
    {.seed = 2, .persons = 30, .employees = 5, .periods = 4, .out_of_order = 100'000},
    {.seed = 3, .persons = 50, .employees = 2, .time_unit = 1, .nanos = true},
    {.seed = 4, .persons = 500, .employees = 50, .periods = 2, .texts = true},
    {.seed = 5, .persons = 1, .employees = 1},
};

class EveryRun : public ::testing::TestWithParam<Mix> {};

TEST_P(EveryRun, commits_what_a_map_of_its_entries_gives) {
  for (const size_t count : {1U, 2U, 3U, 7U, 16U, 256U}) {
    SCOPED_TRACE(count);
    const Parts parts(GetParam(), count, count > 100 ? 40 : 200);
    const uint64_t last = (count - 1) * kSegmentEntries;
    const uint64_t entries = parts.all.back().size();
    for (const uint64_t end : {last + 1, last + entries / 2, last + entries, last + kSegmentEntries}) {
      const IndexRange range(parts.pointers, end);
      EXPECT_EQ(range.commitment(), obvious_commitment(parts.obvious(end), end)) << end;
    }
  }
}

TEST_P(EveryRun, commits_the_same_over_beginnings_one_after_another) {
  const Parts parts(GetParam(), 1, 400);
  const std::vector<uint64_t> ends = {1, 2, 3, 63, 64, 65, 250, 399, 400};
  const auto commitments = prefix_commitments(*parts.indexes[0], ends);
  ASSERT_EQ(commitments.size(), ends.size());
  for (size_t i = 0; i < ends.size(); ++i) {
    EXPECT_EQ(commitments[i], IndexRange(parts.pointers, ends[i]).commitment()) << ends[i];
    EXPECT_EQ(commitments[i], obvious_commitment(parts.obvious(ends[i]), ends[i])) << ends[i];
  }
}

// The writer's own file, over three parts.
TEST_P(EveryRun, agrees_with_the_file_that_the_writer_makes) {
  std::vector<Bytes> entries = mixed_entries(GetParam(), 0, 3 * kSegmentEntries);
  const auto views = views_of(entries);
  std::vector<std::unique_ptr<const SegmentIndex>> indexes;
  std::vector<const SegmentIndex*> parts;
  for (uint64_t first = 0; first < views.size(); first += kSegmentEntries) {
    const auto count = std::min<uint64_t>(kSegmentEntries, views.size() - first);
    indexes.push_back(SegmentIndex::of(first, std::span(views).subspan(first, count)));
    parts.push_back(indexes.back().get());
  }
  const Bytes bytes = index_file_of(0, entries);
  const IndexFile file = IndexFile::open(bytes).value();
  ProblemList problems;
  const IndexRange range(parts, entries.size());
  EXPECT_EQ(range.compare(file, "index/x", problems), file.commitment());
  EXPECT_TRUE(problems.empty()) << std::move(problems).take("")[0].what;
  EXPECT_EQ(range.commitment(), file.commitment());
}

INSTANTIATE_TEST_SUITE_P(of, EveryRun, ::testing::ValuesIn(kMixes),
                         [](const auto& mix) { return "seed_" + std::to_string(mix.param.seed); });

// A key may be the beginning of another, also where what stands in memory for its first bytes is the same.
TEST(IndexRange, tells_keys_apart_that_begin_alike) {
  std::vector<Bytes> entries;
  for (const std::string& id : {std::string("a"), std::string("a\0", 2), std::string("a\0\0", 3), std::string(20, 'a'),
                                std::string(21, 'a'), std::string(20, 'a') + "b"}) {
    StoredEvent event;
    event.id = "1";
    event.period = 8'100;
    event.actor.id = id;
    event.shape.source = "s";
    event.shape.system = "s";
    const StoredSubject subject{SubjectType::kOther, false, 0, id, {}};
    event.subjects = std::span(&subject, 1);
    encode(event, entries.emplace_back());
  }
  std::vector<std::unique_ptr<const SegmentIndex>> indexes;
  std::vector<const SegmentIndex*> parts;
  ObviousIndex obvious;
  for (uint64_t part = 0; part < 5; ++part) {
    std::rotate(entries.begin(), entries.begin() + 1, entries.end());
    auto views = views_of(entries);
    views.resize(1 + part);
    indexes.push_back(SegmentIndex::of(part * kSegmentEntries, views));
    parts.push_back(indexes.back().get());
    for (const auto& [key, postings] : obvious_index(part * kSegmentEntries, views)) {
      std::ranges::copy(postings, std::back_inserter(obvious[key]));
    }
  }
  const uint64_t end = 4 * kSegmentEntries + 5;
  EXPECT_EQ(IndexRange(parts, end).commitment(), obvious_commitment(obvious, end));
}

TEST(IndexRange, names_a_file_over_other_entries) {
  const std::vector<Bytes> entries = mixed_entries({.seed = 1}, 0, 100);
  const Bytes bytes = index_file_of(0, entries);
  const IndexFile file = IndexFile::open(bytes).value();
  auto views = views_of(entries);
  views.resize(99);
  const auto part = SegmentIndex::of(0, views);
  ProblemList problems;
  const IndexRange range({part.get()}, 99);
  EXPECT_EQ(range.compare(file, "index/x", problems), range.commitment());
  EXPECT_TRUE(std::move(problems).take("")[0].what.contains("other entries than its name says"));
}

}  // namespace
}  // namespace weerbaar::trail

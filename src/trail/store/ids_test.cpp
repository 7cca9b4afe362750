#include "trail/store/ids.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "os/memory.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {
namespace {

Result<bool> is_surely(EntryIndex, std::string_view, std::string_view) {
  return true;
}

class IdIndexTest : public ::testing::Test {
 protected:
  std::unique_ptr<IdIndex> open() {
    auto index = IdIndex::open(files_, "ids");
    EXPECT_TRUE(index.has_value());
    return std::move(*index);
  }
  static bool knows(const IdIndex& index, uint64_t number) {
    return *index.contains("source", fmt::format("n{}", number), is_surely);
  }

  os::MemoryFileSystem files_;
};

// Numbers that lie apart until no interval is left; then one that finds no room, one that makes room by joining two
// intervals, and one that takes that room.
constexpr uint64_t kApart = IdIndex::kIntervalsMax;
constexpr uint64_t kWithoutRoom = 5'000'001;
constexpr uint64_t kWithRoom = 7'000'001;
constexpr uint64_t kEntries = kApart + 3;

uint64_t number_of(uint64_t entry) {
  if (entry < kApart) return 2 * entry;
  constexpr uint64_t kLast[] = {kWithoutRoom, 1, kWithRoom};
  return kLast[entry - kApart];
}

void add(IdIndex& index, uint64_t from, uint64_t to) {
  for (uint64_t entry = from; entry < to; ++entry) {
    index.add("source", fmt::format("n{}", number_of(entry)), EntryIndex(entry));
  }
}

TEST_F(IdIndexTest, knows_every_id_after_a_restart_when_the_numbers_on_disk_lag_behind_the_runs) {
  constexpr uint64_t kSealed = kEntries / kSegmentEntries;
  {
    const auto index = open();
    add(*index, 0, kEntries - 1);
    ASSERT_TRUE(index->seal(TreeSize(kSealed * kSegmentEntries)));
    add(*index, kEntries - 1, kEntries);
    // A million intervals are not rewritten for one segment more: from here on the runs are ahead.
    ASSERT_TRUE(index->seal(TreeSize((kSealed + 1) * kSegmentEntries)));
    EXPECT_EQ(index->covered(), TreeSize(kSealed * kSegmentEntries));
  }
  for (int restart = 0; restart < 3; ++restart) {
    const auto index = open();
    ASSERT_LE(index->covered().value(), kEntries);
    add(*index, index->covered().value(), kEntries);
    EXPECT_TRUE(knows(*index, kWithoutRoom));
    EXPECT_TRUE(knows(*index, kWithRoom));
    EXPECT_TRUE(knows(*index, 1));
    EXPECT_TRUE(knows(*index, 2 * kApart - 2));
    EXPECT_FALSE(knows(*index, 3));
    ASSERT_TRUE(index->seal(TreeSize((kSealed + 2 + static_cast<uint64_t>(restart)) * kSegmentEntries)));
  }
}

// Ids that count up and down, with gaps that are filled later, in several patterns and sources, and some that do not
// count: against a plain set.
TEST_F(IdIndexTest, knows_exactly_what_was_added) {
  std::mt19937_64 random(1);
  auto index = open();
  std::set<std::pair<std::string, std::string>> all;
  uint64_t next = 0;
  std::vector<uint64_t> counters(8, 100);
  for (uint64_t step = 0; step < 3 * kSegmentEntries; ++step) {
    const uint64_t which = random() % counters.size();
    const uint64_t number = random() % 3 == 0 ? random() % 20'000 : counters[which]++;
    const std::string source = fmt::format("source{}", which % 3);
    const std::string id = which == 7   ? fmt::format("text-{}", static_cast<char>('a' + number % 26))
                           : which == 6 ? fmt::format("{}", number)
                                        : fmt::format("{}-{:0{}}-x", which % 2, number, 5 + which);
    const auto sought = index->seek(source, id, is_surely);
    ASSERT_TRUE(sought.has_value());
    ASSERT_EQ(sought->known(), all.contains({source, id})) << source << ' ' << id;
    if (sought->known()) continue;
    if (step % 2 == 0) {
      index->add(*sought, EntryIndex(next++));
    } else {
      index->add(source, id, EntryIndex(next++));
    }
    all.emplace(source, id);
    if (next % kSegmentEntries == 0) {
      ASSERT_TRUE(index->seal(TreeSize(next)));
      index.reset();
      index = open();
      ASSERT_EQ(index->covered(), TreeSize(next));
    }
  }
  for (const auto& [source, id] : all) ASSERT_TRUE(*index->contains(source, id, is_surely)) << source << ' ' << id;
}

}  // namespace
}  // namespace weerbaar::trail

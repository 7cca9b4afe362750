#include "trail/store/index_set.h"

#include <gtest/gtest.h>

#include "os/faulty.h"
#include "os/memory.h"
#include "trail/store/index_writer.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kDirectory = "index";

// Indexes over segments of records: small, and quick to make.
class IndexSetTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kWidth = 2;

  static void SetUpTestSuite() {
    std::vector<Bytes> entries(kSegmentEntries);
    for (uint64_t row = 0; row < kSegmentEntries; ++row) {
      encode(StoredRecord{row % 2 == 0 ? "import" : "retention", static_cast<int64_t>(row), "{}"}, entries[row]);
    }
    const testing::SegmentSample sample(std::move(entries));
    contents_ = new std::vector<Bytes>;
    for (uint64_t number = 0; number < 9; ++number) contents_->push_back(sample.write(number * kSegmentEntries));
  }
  static void TearDownTestSuite() { delete contents_; }

  static Result<std::shared_ptr<const Segment>> segment(uint64_t number) {
    if (number == damaged_) return fail(Code::kCorrupt, "damaged");
    WEERBAAR_ASSIGN(Segment opened, Segment::open((*contents_)[number], index_sections()));
    return std::make_shared<const Segment>(std::move(opened));
  }

  std::unique_ptr<IndexSet> open(os::FileSystem& files, uint64_t segments, bool writable = true) {
    auto set = IndexSet::open(files, kDirectory, kWidth, segments, segment, writable);
    EXPECT_TRUE(set.has_value()) << (set ? "" : set.error().text);
    return set ? std::move(*set) : nullptr;
  }

  // A set to which segments are added in turn, as sealing does.
  std::unique_ptr<IndexSet> grow(uint64_t segments) {
    auto set = open(files_, 0);
    for (uint64_t number = 0; number < segments; ++number) {
      EXPECT_TRUE(set->write(number, **segment(number)));
      set->adopt(number + 1);
    }
    return set;
  }

  static std::vector<SegmentRange> ranges(const IndexSet& set) {
    std::vector<SegmentRange> ranges;
    for (const auto& index : set.tiling()->files) ranges.push_back(range_of(*index));
    return ranges;
  }
  static std::vector<std::string> names_of(const std::vector<SegmentRange>& ranges) {
    std::vector<std::string> names;
    for (const SegmentRange range : ranges) names.push_back(index_name(range));
    return names;
  }

  static inline std::vector<Bytes>* contents_ = nullptr;
  static inline uint64_t damaged_ = UINT64_MAX;
  os::MemoryFileSystem files_;
};

TEST_F(IndexSetTest, names_say_what_is_covered) {
  EXPECT_EQ(index_name({16, 32}), "000000016-000000032.index");
  EXPECT_EQ(parse_index_name("000000016-000000032.index"), (SegmentRange{16, 32}));
  for (const char* wrong : {"", "000000016-000000016.index", "16-32.index", "000000016-000000032.indexx", "-", "x",
                            "000000016_000000032.index", "000000016-", "99999999999999999999-000000001.index"}) {
    EXPECT_EQ(parse_index_name(wrong).size(), 0U) << wrong;
  }
}

TEST_F(IndexSetTest, files_tile_the_segments_as_a_number_counts) {
  const std::vector<SegmentRange> wanted[] = {{},
                                              {{0, 1}},
                                              {{0, 2}},
                                              {{0, 2}, {2, 3}},
                                              {{0, 4}},
                                              {{0, 4}, {4, 5}},
                                              {{0, 4}, {4, 6}},
                                              {{0, 4}, {4, 6}, {6, 7}},
                                              {{0, 4}, {4, 8}},
                                              {{0, 4}, {4, 8}, {8, 9}}};
  const auto set = open(files_, 0);
  for (uint64_t number = 0; number < 9; ++number) {
    EXPECT_EQ(ranges(*set), wanted[number]);
    ASSERT_TRUE(set->write(number, **segment(number)));
    set->adopt(number + 1);
    EXPECT_EQ(*files_.list(kDirectory), names_of(wanted[number + 1]));
  }
  EXPECT_EQ(ranges(*set), wanted[9]);
  EXPECT_TRUE(set->tiling()->bare.empty());
}

TEST_F(IndexSetTest, what_is_missing_or_damaged_is_made_again) {
  const auto grown = ranges(*grow(7));
  std::vector<Bytes> right;
  for (const SegmentRange range : grown) {
    right.push_back(*os::read_file(files_, os::join(kDirectory, index_name(range)), 1 << 20));
  }
  for (size_t i = 0; i < grown.size(); ++i) {
    const std::string path = os::join(kDirectory, index_name(grown[i]));
    Bytes damaged = right[i];
    damaged[70] ^= 1U;
    for (const Bytes& content : {damaged, Bytes(), right[(i + 1) % grown.size()]}) {
      ASSERT_TRUE(os::write_file_atomically(files_, path, content));
      EXPECT_FALSE(open(files_, 7, false)->tiling()->bare.empty());
      EXPECT_EQ(ranges(*open(files_, 7)), grown);
      EXPECT_EQ(*os::read_file(files_, path, 1 << 20), right[i]);
    }
    ASSERT_TRUE(files_.remove(path));
    EXPECT_EQ(ranges(*open(files_, 7)), grown);
    EXPECT_EQ(*os::read_file(files_, path, 1 << 20), right[i]);
  }
}

TEST_F(IndexSetTest, what_is_superseded_or_was_cut_off_is_removed_by_a_writer_only) {
  const auto grown = ranges(*grow(4));
  for (const char* name : {"000000001-000000002.index", "000000000-000000004.index.new", "000000004-000000005.index"}) {
    ASSERT_TRUE(os::write_file_atomically(files_, os::join(kDirectory, name), Bytes{1}));
  }
  EXPECT_EQ(ranges(*open(files_, 4, false)), grown);
  EXPECT_EQ(files_.list(kDirectory)->size(), 4U);
  EXPECT_EQ(ranges(*open(files_, 4)), grown);
  EXPECT_EQ(*files_.list(kDirectory), names_of(grown));
}

TEST_F(IndexSetTest, a_reader_leaves_bare_what_has_no_index) {
  EXPECT_EQ(open(files_, 3, false)->tiling()->bare, (std::vector<SegmentRange>{{0, 3}}));
  EXPECT_FALSE(files_.exists(kDirectory));
}

TEST_F(IndexSetTest, a_damaged_segment_stays_bare_and_the_others_do_not) {
  damaged_ = 1;
  const auto set = open(files_, 4);
  damaged_ = UINT64_MAX;
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->tiling()->bare, (std::vector<SegmentRange>{{1, 2}}));
  EXPECT_EQ(ranges(*set), (std::vector<SegmentRange>{{0, 1}, {2, 4}}));
}

// A merge finds the damage that opening does not look for.
TEST_F(IndexSetTest, a_part_that_is_damaged_within_is_made_again_for_a_merge) {
  const auto set = grow(3);
  const std::string path = os::join(kDirectory, index_name({2, 3}));
  Bytes damaged = *os::read_file(files_, path, 1 << 20);
  damaged[kIndexHeadBytes + 30] ^= 1U;
  ASSERT_TRUE(IndexFile::open(damaged).has_value());
  ASSERT_TRUE(os::write_file_atomically(files_, path, damaged));
  ASSERT_TRUE(set->write(3, **segment(3)));
  set->adopt(4);
  EXPECT_EQ(ranges(*set), (std::vector<SegmentRange>{{0, 4}}));
}

// Whatever step fails, and whether the machine or the process dies of it, the next opening has an exact tiling.
TEST_F(IndexSetTest, a_failure_at_every_step_leaves_what_can_be_opened) {
  bool struck = true;
  uint64_t step = 0;
  for (; struck; ++step) {
    SCOPED_TRACE(step);
    os::MemoryFileSystem disk;
    {
      const auto before = open(disk, 3);
      ASSERT_NE(before, nullptr);
    }
    os::FaultyFileSystem faulty(disk);
    faulty.fail_at(step, step % 2 == 0 ? os::Fault::kFailedSync : os::Fault::kShortWrite, step % 3 == 0);
    if (const auto set = IndexSet::open(faulty, kDirectory, kWidth, 3, segment, true)) {
      [[maybe_unused]] const Status status = (*set)->write(3, **segment(3));
    }
    struck = faulty.struck();
    if (step % 4 < 2) disk.crash(step);
    const auto after = open(disk, 4);
    ASSERT_NE(after, nullptr);
    EXPECT_EQ(ranges(*after), (std::vector<SegmentRange>{{0, 4}}));
    EXPECT_EQ(*disk.list(kDirectory), (std::vector<std::string>{index_name({0, 4})}));
  }
  EXPECT_GT(step, 20U);
}

}  // namespace
}  // namespace weerbaar::trail

#include "trail/store/sealer.h"

#include <gtest/gtest.h>

#include "os/faulty.h"
#include "os/memory.h"
#include "os/testing.h"
#include "trail/format/entry.h"

namespace weerbaar::trail {
namespace {

// A full tail of records from `first` on.
std::shared_ptr<const OpenTail> full_tail(os::FileSystem& files, uint64_t first) {
  auto tail = OpenTail::create(files, "trail/tail", first);
  EXPECT_TRUE(tail.has_value());
  TailBatch batch;
  for (uint64_t i = 0; i < kSegmentEntries; ++i) {
    Bytes entry;
    encode(StoredRecord{"test", static_cast<int64_t>(first + i), "{}"}, entry);
    batch.bytes.resize(batch.bytes.size() + 2);
    store_be(batch.bytes.data() + batch.bytes.size() - 2, static_cast<uint16_t>(entry.size()));
    append(batch.bytes, entry);
    batch.lengths.push_back(static_cast<uint32_t>(entry.size()));
  }
  EXPECT_TRUE((*tail)->append(std::move(batch), 0));
  return std::move(*tail);
}

class SealerTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    for (const char* directory : {"trail/tail", "trail/segments"}) {
      ASSERT_TRUE(files_.make_directory(directory));
    }
  }
  os::MemoryFileSystem files_;
};

TEST_P(SealerTest, seals_nothing_behind_a_segment_that_could_not_be) {
  const auto first = full_tail(files_, 0);
  const auto second = full_tail(files_, kSegmentEntries);
  os::FaultyFileSystem faulty(files_);
  auto segments = SealedSegments::open(faulty, "trail", kIndexMergeWidth, true);
  ASSERT_TRUE(segments.has_value());
  Sealer sealer(**segments, GetParam());
  faulty.fail_at(0, os::Fault::kNoSpace, false);
  sealer.give(first);
  sealer.give(second);
  EXPECT_EQ(os::refusal(*sealer.take(true)), Code::kNoSpace);
  EXPECT_EQ(os::refusal(*sealer.take(true)), Code::kStopped);
  EXPECT_FALSE(files_.exists("trail/segments/000000001.segment"));
  // A trail with a gap would never open again.
  EXPECT_TRUE(SealedSegments::open(files_, "trail", kIndexMergeWidth, true).has_value());
}

TEST_P(SealerTest, whatever_fails_leaves_a_trail_that_opens) {
  const std::shared_ptr<const OpenTail> tails[] = {full_tail(files_, 0), full_tail(files_, kSegmentEntries)};
  bool struck = true;
  for (uint64_t step = 0; struck; ++step) {
    SCOPED_TRACE(step);
    os::MemoryFileSystem disk;
    ASSERT_TRUE(disk.make_directory("trail/segments"));
    os::FaultyFileSystem faulty(disk);
    uint64_t sealed = 0;
    {
      const auto segments = SealedSegments::open(faulty, "trail", kIndexMergeWidth, true);
      ASSERT_TRUE(segments.has_value());
      Sealer sealer(**segments, GetParam());
      faulty.fail_at(step, os::Fault::kInputOutput, false);
      for (const auto& tail : tails) sealer.give(tail);
      bool failed = false;
      while (const auto outcome = sealer.take(true)) {
        EXPECT_FALSE(*outcome && failed) << "sealed behind a failure";
        failed = failed || !*outcome;
        if (*outcome) ++sealed;
      }
    }
    struck = faulty.struck();
    EXPECT_EQ(sealed == std::size(tails), !struck);
    disk.crash(0);
    const auto again = SealedSegments::open(disk, "trail", kIndexMergeWidth, true);
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_GE((*again)->count(), sealed);
    EXPECT_EQ((*again)->indexes()->files.size(), (*again)->count());
  }
}

TEST_P(SealerTest, gives_the_outcomes_in_order) {
  auto segments = SealedSegments::open(files_, "trail", kIndexMergeWidth, true);
  ASSERT_TRUE(segments.has_value());
  Sealer sealer(**segments, GetParam());
  EXPECT_FALSE(sealer.take(true).has_value());
  sealer.give(full_tail(files_, 0));
  EXPECT_EQ(sealer.pending(), 1U);
  EXPECT_TRUE(sealer.take(true)->has_value());
  EXPECT_EQ(sealer.pending(), 0U);
  EXPECT_TRUE(files_.exists("trail/segments/000000000.segment"));
}

INSTANTIATE_TEST_SUITE_P(OnTheSpotAndInBackground, SealerTest, ::testing::Bool());

}  // namespace
}  // namespace weerbaar::trail

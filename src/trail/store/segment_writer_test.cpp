#include "trail/format/segment.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>

#include "os/testing.h"
#include "trail/format/merkle.h"
#include "trail/format/segment_scan.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

using os::refusal;
using testing::SegmentSample;

constexpr uint64_t kFirstIndex = 3 * kSegmentEntries;

class SegmentTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    sample_ = new SegmentSample(testing::varied_entries());
    file_ = new Bytes(sample_->write(kFirstIndex));
  }
  static void TearDownTestSuite() {
    delete file_;
    delete sample_;
  }

  // The file with the byte at `at` of a section changed, and its checksums mended.
  static Bytes forged(Section section, uint64_t at, uint8_t value) {
    Bytes file = *file_;
    const SegmentHead head = read_segment_head(file).value();
    for (size_t i = 0; i < head.sections.size(); ++i) {
      const SectionPlace& place = head.sections[i];
      if (place.id != section) continue;
      file[place.offset + at] = value;
      uint8_t* entry = file.data() + kDirectory + i * 32;
      store_le(entry + 24, static_cast<uint64_t>(XXH3_64bits(file.data() + place.offset, place.length)));
    }
    mend_head(file);
    return file;
  }
  static void mend_head(Bytes& file) {
    const size_t size = kDirectory + load_le<uint32_t>(file.data() + 12) * size_t{32};
    store_le(file.data() + size, static_cast<uint64_t>(XXH3_64bits(file.data(), size)));
  }

  static constexpr size_t kDirectory = 136;
  static const SegmentSample* sample_;
  static const Bytes* file_;
};
const SegmentSample* SegmentTest::sample_ = nullptr;
const Bytes* SegmentTest::file_ = nullptr;

TEST_F(SegmentTest, every_entry_comes_out_bit_for_bit) {
  const Segment segment = Segment::open(*file_).value();
  Bytes bytes;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    bytes.clear();
    segment.entry(row, bytes);
    ASSERT_EQ(bytes, sample_->entries[row]) << row;
  }
}

TEST_F(SegmentTest, its_head_says_what_it_holds) {
  const Segment segment = Segment::open(*file_).value();
  EXPECT_EQ(segment.header().first_index, kFirstIndex);
  EXPECT_EQ(segment.header().signed_size, kFirstIndex);
  EXPECT_EQ(segment.header().root, tree_root(sample_->leaves));
  for (uint64_t tile = 0; tile < 256; ++tile) {
    ASSERT_EQ(segment.tile_hash(tile), tree_root(std::span(sample_->leaves).subspan(tile * 256, 256)));
  }
  int64_t low = INT64_MAX;
  int64_t high = INT64_MIN;
  Entry entry;
  for (const ByteView bytes : sample_->views) {
    ASSERT_TRUE(entry.decode(bytes));
    if (!entry.is_event()) continue;
    low = std::min(low, entry.event().time.micros);
    high = std::max(high, entry.event().time.micros);
  }
  EXPECT_EQ(segment.header().time_min, low);
  EXPECT_EQ(segment.header().time_max, high);
}

// Against every entry read by itself.
TEST_F(SegmentTest, its_tables_and_rows_say_what_the_entries_say) {
  const Segment segment = Segment::open(*file_).value();
  Entry entry;
  std::vector<uint32_t> records;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    ASSERT_TRUE(entry.decode(sample_->views[row]));
    ASSERT_EQ(segment.is_event(row), entry.is_event());
    if (!entry.is_event()) {
      records.push_back(static_cast<uint32_t>(row));
      continue;
    }
    const StoredEvent& event = entry.event();
    ASSERT_EQ(segment.time(row), event.time);
    ASSERT_EQ(segment.period(row), event.period);
    ASSERT_EQ(segment.actor(segment.actor_code(row)), event.actor);
    ASSERT_EQ(segment.shape(segment.application_code(row), segment.operation_code(row)), event.shape);
    ASSERT_EQ(segment.break_glass(row), event.break_glass);
    std::string id;
    segment.id(row, id);
    ASSERT_EQ(id, event.id);
    const auto subjects = segment.subjects_of(row);
    ASSERT_EQ(subjects.size(), event.subjects.size());
    for (size_t i = 0; i < subjects.size(); ++i) {
      StoredSubject wanted = event.subjects[i];
      wanted.role = {};
      ASSERT_EQ(segment.subject(subjects[i]), wanted);
    }
  }
  EXPECT_TRUE(std::ranges::equal(segment.record_rows(), records));
  EXPECT_EQ(records.size(), 66U);
}

TEST_F(SegmentTest, its_tables_ascend_without_repetition) {
  const Segment segment = Segment::open(*file_).value();
  const SegmentHeader& header = segment.header();
  ASSERT_GT(header.subjects, 1'000U);
  for (uint64_t code = 1; code < header.subjects; ++code) ASSERT_LT(segment.subject(code - 1), segment.subject(code));
  for (uint64_t code = 1; code < header.actors; ++code) ASSERT_LT(segment.actor(code - 1), segment.actor(code));
}

TEST_F(SegmentTest, a_scan_gives_the_same_entries) {
  const Segment segment = Segment::open(*file_).value();
  SegmentScan scan(segment);
  Bytes bytes;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    bytes.assign(3, 9);
    ASSERT_TRUE(scan.append(row, bytes));
    ASSERT_TRUE(std::ranges::equal(ByteView(bytes).subspan(3), sample_->entries[row])) << row;
  }
}

TEST_F(SegmentTest, a_part_of_its_sections_can_be_read_alone) {
  const Segment whole = Segment::open(*file_).value();
  constexpr Section kSome[] = {Section::kTime, Section::kTimeNanos, Section::kActorCode, Section::kApplicationCode};
  const Segment part = Segment::open(*file_, kSome).value();
  for (uint64_t row = 0; row < kSegmentEntries; row += 7) {
    ASSERT_EQ(part.time(row), whole.time(row));
    ASSERT_EQ(part.application_code(row), whole.application_code(row));
  }
}

TEST_F(SegmentTest, the_same_entries_make_the_same_file) {
  EXPECT_EQ(sample_->write(kFirstIndex), *file_);
}

TEST_F(SegmentTest, damage_is_named_by_its_section) {
  const SegmentHead head = read_segment_head(*file_).value();
  for (const SectionPlace& place : head.sections) {
    if (place.length == 0) continue;
    Bytes file = *file_;
    file[place.offset + place.length / 2] ^= 0x10U;
    const auto opened = Segment::open(file);
    ASSERT_EQ(refusal(opened), Code::kCorrupt) << to_string(place.id);
    EXPECT_NE(opened.error().text.find(to_string(place.id)), std::string::npos) << opened.error().text;
  }
}

TEST_F(SegmentTest, damage_to_its_head_is_found_at_every_byte) {
  const size_t size = kDirectory + read_segment_head(*file_)->sections.size() * 32 + 8;
  for (size_t at = 0; at < size; ++at) {
    Bytes file = *file_;
    file[at] ^= 1U;
    ASSERT_EQ(refusal(read_segment_head(file)), Code::kCorrupt) << at;
  }
}

TEST_F(SegmentTest, a_file_that_was_cut_short_is_refused) {
  for (size_t size = 0; size < file_->size(); size += 1 + size / 8) {
    EXPECT_EQ(refusal(Segment::open(ByteView(*file_).first(size))), Code::kCorrupt) << size;
  }
  EXPECT_EQ(refusal(Segment::open(ByteView(*file_).first(file_->size() - 1))), Code::kCorrupt);
  Bytes longer = *file_;
  longer.push_back(0);
  EXPECT_EQ(refusal(Segment::open(longer)), Code::kCorrupt);
}

// With right checksums: nothing but the checks of the reader stands in the way.
TEST_F(SegmentTest, codes_and_postings_that_point_outside_are_refused) {
  const auto refused = [](Section section, uint64_t at, uint8_t value) {
    const auto opened = Segment::open(forged(section, at, value));
    return refusal(opened) == Code::kCorrupt && opened.error().text.find(to_string(section)) != std::string::npos;
  };
  // The base of a packed column, and the first value or the base within the runs of another one, lies in its first
  // bytes: all rows move, or there is no such column.
  for (const Section section :
       {Section::kActorCode, Section::kApplicationCode, Section::kOperationCode, Section::kListCode,
        Section::kActorType, Section::kOperationAction, Section::kOperationOutcome, Section::kSubjectType,
        Section::kSubjectIsNumber, Section::kBreakGlass, Section::kTimeNanos, Section::kPeriod, Section::kListLength,
        Section::kItemSubject}) {
    EXPECT_TRUE(refused(section, 7, 0x80)) << to_string(section);  // negative
    EXPECT_TRUE(refused(section, 5, 0x01)) << to_string(section);  // far too large
  }
}

TEST_F(SegmentTest, counts_that_a_file_cannot_hold_are_refused_before_they_take_memory) {
  for (size_t field = 4; field < 10; ++field) {  // actors, applications, operations, subjects, lists, items
    for (const uint64_t count : {uint64_t{0}, uint64_t{65'536'000}, uint64_t{1} << 40U, UINT64_MAX}) {
      Bytes file = *file_;
      store_le(file.data() + 16 + field * 8, count);
      mend_head(file);
      EXPECT_EQ(refusal(Segment::open(file)), Code::kCorrupt) << field << " " << count;
    }
  }
}

TEST_F(SegmentTest, entries_that_are_not_canonical_are_not_sealed) {
  std::vector<ByteView> views = sample_->views;
  const Bytes junk = {0xA1, 0x01};
  views[40'000] = junk;
  const auto written = write_segment(0, 0, views, sample_->leaves);
  ASSERT_EQ(refusal(written), Code::kCorrupt);
  EXPECT_NE(written.error().text.find("40000"), std::string::npos);
}

// Sixty-five thousand long texts that differ in a number only would be a few kilobytes, which no reader trusts to grow
// to so much: they are stored as they are.
TEST(SegmentWriter, texts_that_would_grow_beyond_what_readers_allow_are_stored_as_they_are) {
  std::vector<Bytes> entries(kSegmentEntries);
  const std::string place(1'100, 'a');
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    StoredEvent event;
    event.id = "1";
    event.actor.id = "u";
    event.shape.source = "s";
    event.shape.system = "B";
    const std::string location = fmt::format("{}{:06}", place, row);
    event.location = location;
    encode(event, entries[row]);
  }
  const SegmentSample sample(std::move(entries));
  const Bytes file = sample.write();
  EXPECT_GT(file.size(), kSegmentEntries * 1'100);
  const Segment segment = Segment::open(file).value();
  for (uint64_t row = 0; row < kSegmentEntries; row += 997) {
    Bytes bytes;
    segment.entry(row, bytes);
    EXPECT_EQ(bytes, sample.entries[row]);
  }
}

}  // namespace
}  // namespace weerbaar::trail

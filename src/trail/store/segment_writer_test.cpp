#include "trail/format/segment.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <set>

#include "os/testing.h"
#include "trail/format/filter.h"
#include "trail/format/merkle.h"
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

  static constexpr size_t kDirectory = 120;
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

// Against a search through every entry.
TEST_F(SegmentTest, every_subject_and_actor_is_found_where_it_occurs) {
  const Segment segment = Segment::open(*file_).value();
  std::map<std::tuple<SubjectType, bool, uint64_t, std::string>, std::multiset<uint64_t>> subjects;
  std::map<std::string, std::set<uint64_t>> actors;
  Entry entry;
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    ASSERT_TRUE(entry.decode(sample_->views[row]));
    if (!entry.is_event()) continue;
    actors[std::string(entry.event().actor.id)].insert(row);
    for (const StoredSubject& subject : entry.event().subjects) {
      subjects[{subject.type, subject.is_number, subject.number, std::string(subject.bytes)}].insert(row);
    }
  }
  ASSERT_EQ(subjects.size(), segment.header().subjects);
  ASSERT_GT(subjects.size(), 1'000U);
  for (const auto& [key, rows] : subjects) {
    const auto& [type, is_number, number, bytes] = key;
    const StoredSubject subject{type, is_number, number, bytes, "any role"};
    const PostingRange range = segment.find_subject(subject);
    std::multiset<uint64_t> found;
    for (uint64_t at = range.begin; at < range.end; ++at) found.insert(segment.subject_posting(at));
    ASSERT_EQ(found, rows);
    ASSERT_TRUE(filter_may_contain(segment.filter(), subject_hash(subject)));
  }
  for (const auto& [id, rows] : actors) {
    const PostingRange range = segment.find_actor(id);
    std::set<uint64_t> found;
    for (uint64_t at = range.begin; at < range.end; ++at) found.insert(segment.actor_posting(at));
    ASSERT_EQ(found, rows);
    ASSERT_TRUE(filter_may_contain(segment.filter(), actor_hash(id)));
  }
  EXPECT_EQ(segment.find_subject({SubjectType::kBsn, true, 1, {}, {}}).size(), 0U);
  EXPECT_EQ(segment.find_subject({SubjectType::kOther, false, 0, "\xFF\xFF", {}}).size(), 0U);
  EXPECT_EQ(segment.find_actor("nobody").size(), 0U);
  EXPECT_EQ(segment.find_actor("").size(), 66U);  // the records: no event has an actor without a name
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
  // The base of a packed column is its first eight bytes: all rows move.
  for (const Section section :
       {Section::kActorCode, Section::kShapeCode, Section::kActorType, Section::kShapeAction, Section::kShapeOutcome,
        Section::kSubjectType, Section::kSubjectIsNumber, Section::kBreakGlass, Section::kTimeNanos, Section::kPeriod,
        Section::kActorFirst, Section::kSubjectFirst}) {
    EXPECT_TRUE(refused(section, 7, 0x80)) << to_string(section);  // negative
    EXPECT_TRUE(refused(section, 5, 0x01)) << to_string(section);  // far too large
  }
}

TEST_F(SegmentTest, counts_that_a_file_cannot_hold_are_refused_before_they_take_memory) {
  for (const size_t field : {size_t{4}, size_t{5}, size_t{6}, size_t{7}}) {  // actors, shapes, subjects, postings
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
  const std::string place(500, 'a');
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
  EXPECT_GT(file.size(), kSegmentEntries * 500);
  const Segment segment = Segment::open(file).value();
  for (uint64_t row = 0; row < kSegmentEntries; row += 997) {
    Bytes bytes;
    segment.entry(row, bytes);
    EXPECT_EQ(bytes, sample.entries[row]);
  }
}

}  // namespace
}  // namespace weerbaar::trail

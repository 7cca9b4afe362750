// Whatever a part of an entry is, what SegmentParts says of it is what reading back every entry says.
#include "trail/verify/segment_parts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kSegment = "segments/000000000.segment";

// The slow and obvious way: each entry is encoded, decoded, and compared.
bool comes_back(const Segment& segment, uint64_t row) {
  StoredEvent event;
  EventMemory memory;
  segment.event(row, event, memory);
  Bytes bytes;
  encode(event, bytes);
  Entry decoded;
  return decoded.decode(bytes) && decoded.is_event() && is_same_event(decoded.event(), event);
}

// What is called right comes back.
void expect_sound(const Segment& segment, const std::string& what) {
  const SegmentParts parts(segment);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    if (!segment.is_event(row) || !parts.fits(row) || !parts.is_right(row)) continue;
    ASSERT_TRUE(comes_back(segment, row)) << what << ", row " << row;
  }
}

TEST(SegmentParts, of_an_honest_segment_are_all_right) {
  const Bytes& file = one_segment_sample().files.at(kSegment);
  const Segment segment = Segment::open(file).value();
  const SegmentParts parts(segment);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    ASSERT_TRUE(parts.is_right(row) || !segment.is_event(row)) << row;
  }
  expect_sound(segment, "honest");
}

// One value of one column changed to something that may or may not be allowed there.
TEST(SegmentParts, are_wrong_where_an_entry_is_that_is_made_of_them) {
  const Bytes& honest = one_segment_sample().files.at(kSegment);
  const Section texts[] = {Section::kCase,
                           Section::kQuery,
                           Section::kReason,
                           Section::kLocation,
                           Section::kAttributes,
                           Section::kActorId,
                           Section::kActorFunction,
                           Section::kActorUnit,
                           Section::kApplicationSystem,
                           Section::kApplicationData,
                           Section::kApplicationActivity,
                           Section::kApplicationLegalBasis,
                           Section::kOperationComponent,
                           Section::kSubjectBytes,
                           Section::kItemRole};
  const std::string values[] = {"", "x", "\xC3\xA9", "\xFF", "\xA1\x61x\xF5", "\xA1\x61x\x61", "\x81\x61x", "\x80"};
  size_t at = 0;
  for (const Section section : texts) {
    // Every value in turn, not all of them everywhere: each takes a pass over a segment.
    for (size_t turn = 0; turn < 3; ++turn, at += 3) {
      const std::string& value = values[at % std::size(values)];
      SegmentForge forge(honest);
      forge.set_at(section, 40, value);
      const Bytes file = forge.assemble();
      const auto segment = Segment::open(file);
      if (!segment) continue;
      expect_sound(*segment, fmt::format("{} \"{}\"", to_string(section), at % std::size(values)));
    }
  }
}

// A record has such an actor, and the same table row serves it.
TEST(SegmentParts, are_wrong_where_an_event_has_the_actor_or_the_application_of_a_record) {
  const Bytes& honest = one_segment_sample().files.at(kSegment);
  for (const Section section : {Section::kActorCode, Section::kApplicationCode}) {
    SegmentForge forge(honest);
    ForgedRows rows = forge.rows();
    rows.integers[section][1300] = rows.integers[section][forge.segment().record_rows().front()];
    forge.set_rows(rows);
    const Bytes file = forge.assemble();
    const Segment segment = Segment::open(file).value();
    EXPECT_FALSE(SegmentParts(segment).is_right(1300));
    expect_sound(segment, std::string(to_string(section)));
  }
}

TEST(SegmentParts, are_wrong_where_a_number_is_that_no_entry_can_have) {
  const Bytes& honest = one_segment_sample().files.at(kSegment);
  const std::pair<Section, std::vector<int64_t>> numbers[] = {
      {Section::kTime, {kMicrosMin - 1, kMicrosMin, kMicrosMax, kMicrosMax + 1, INT64_MIN}},
      {Section::kReceived, {-1, 0, INT64_MAX, INT64_MIN}},
      {Section::kRecords, {-1, 0, 1, static_cast<int64_t>(kRecordsMax) + 1, static_cast<int64_t>(kRecordsMax) + 2}},
      {Section::kMarks, {-1, 0, 1, static_cast<int64_t>(kRecordsMax), static_cast<int64_t>(kRecordsMax) + 1}},
      {Section::kSubjectNumber, {-1, 0, static_cast<int64_t>(kRecordsMax), static_cast<int64_t>(kRecordsMax) + 1}}};
  for (const auto& [section, values] : numbers) {
    for (const int64_t value : values) {
      SegmentForge forge(honest);
      const uint64_t row = section == Section::kSubjectNumber ? 10 : 1300;
      forge.set_at(section, row, value);
      const Bytes file = forge.assemble();
      const Segment segment = Segment::open(file).value();
      expect_sound(segment, fmt::format("{} {}", to_string(section), value));
    }
  }
}

}  // namespace
}  // namespace weerbaar::trail

// A sealed segment, read: 65,536 entries as columns from which each entry is regenerated bit for bit.
// docs/formats/segment.md.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "trail/format/column.h"
#include "trail/format/entry.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

inline constexpr uint64_t kSegmentEntries = 65'536;  // 256²: a full subtree of two tile levels
inline constexpr uint64_t kTileEntries = 256;
inline constexpr uint32_t kSegmentVersion = 1;
// Bytes that the texts of a segment may grow to in memory, when decompressed and regenerated, so that hostile bytes
// take no memory without end. Hardly any real events reach it; a writer that meets them stores their texts as they are.
constexpr uint64_t segment_text_bytes_max(uint64_t file_bytes) {
  constexpr uint64_t kAlways = uint64_t{16} << 20U;
  constexpr uint64_t kTimes = 64;
  return file_bytes > kAlways / kTimes ? file_bytes * kTimes : kAlways;
}
inline constexpr std::array<uint8_t, 8> kSegmentMagic = {'W', 'B', 'S', 'E', 'G', 'M', 'N', 'T'};

// Sections of a segment file. Written to disk: append, never renumber.
enum class Section : uint16_t {
  // One row an entry.
  kOpaque = 1,  // entries that are not events (or, never written so far, not regenerable): their bytes, else empty
  kId = 2,
  kTime = 3,
  kTimeNanos = 4,
  kReceived = 5,
  kPeriod = 6,
  kActorCode = 7,
  kShapeCode = 8,
  kRecords = 9,  // 0: absent, else the number plus one
  kCase = 10,
  kQuery = 11,
  kBreakGlass = 12,
  kTraceId = 13,
  kSpanId = 14,
  kParentSpanId = 15,
  kMarks = 16,
  kOnBehalfOf = 17,
  kReason = 18,
  kTerminal = 19,
  kIp = 20,
  kLocation = 21,
  kAttributes = 22,
  // One row an actor, ascending.
  kActorId = 32,
  kActorType = 33,
  kActorFunction = 34,
  kActorUnit = 35,
  kActorFirst = 36,     // where its postings begin; one row more than actors
  kActorPostings = 37,  // entries of each actor, ascending
  // One row a shape, ascending.
  kShapeSource = 48,
  kShapeAction = 49,
  kShapeSystem = 50,
  kShapeComponent = 51,
  kShapeData = 52,
  kShapeActivity = 53,
  kShapeLegalBasis = 54,
  kShapeOutcome = 55,
  // One row a subject (type and pseudonym), ascending.
  kSubjectType = 64,
  kSubjectIsNumber = 65,
  kSubjectNumber = 66,
  kSubjectBytes = 67,
  kSubjectFirst = 68,     // one row more than subjects
  kSubjectPostings = 69,  // entries of each subject, ascending: the only place that says whom an entry concerns
  kSubjectRole = 70,      // one row a posting
  // Other.
  kFilter = 80,      // trail/format/filter.h over subjects and actors
  kTileHashes = 81,  // 256 hashes: the roots of each 256 entries, a full level-1 tile
};

// The fixed head of a segment file.
struct SegmentHeader {
  uint64_t first_index = 0;
  uint64_t signed_size = 0;  // the largest tree size signed when this was sealed
  Hash root{};               // MTH of the entries
  int64_t time_min = 0;      // microseconds, over the events
  int64_t time_max = 0;
  uint64_t actors = 0;
  uint64_t shapes = 0;
  uint64_t subjects = 0;
  uint64_t postings = 0;  // of subjects
};

struct SectionPlace {
  Section id{};
  Encoding encoding{};
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t checksum = 0;  // XXH3-64 of the bytes
};

// Head and directory of a segment file, without its sections.
struct SegmentHead {
  SegmentHeader header;
  std::vector<SectionPlace> sections;  // in the order of their numbers, all of them
};

// Checks the head against its own checksum, and that the sections lie inside the file; reads no section.
Result<SegmentHead> read_segment_head(ByteView file);
// The bytes of a section of a file whose head was read.
ByteView section_bytes(ByteView file, const SegmentHead& head, Section section);

// What a person would call a section: "actor code".
std::string_view to_string(Section section);

// A contiguous run of rows in a postings column.
struct PostingRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  [[nodiscard]] uint64_t size() const { return end - begin; }
};

// Immutable and safe to read from several threads once open.
class Segment {
 public:
  // `file` must outlive the segment. kCorrupt names the section that is damaged. Every section's checksum is checked,
  // every code and posting is proved to stay inside its table.
  static Result<Segment> open(ByteView file);

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  // The roots of each tile of 256 entries, as stored.
  [[nodiscard]] Hash tile_hash(uint64_t tile) const;
  [[nodiscard]] ByteView filter() const { return filter_; }

  // Appends the canonical bytes of entry `row` (0–65,535).
  void entry(uint64_t row, Bytes& out) const;
  // True when the row is an event; `event` then holds it, `subjects` its memory. Views live as long as the segment.
  bool event(uint64_t row, StoredEvent& event, std::vector<StoredSubject>& subjects) const;

  // Of a row. The subjects are codes, ascending; one stands there twice when the entry names it in two roles.
  [[nodiscard]] bool is_event(uint64_t row) const { return opaque(row).empty(); }
  [[nodiscard]] Time time(uint64_t row) const {
    return {integers(Section::kTime).at(row), static_cast<uint16_t>(integers(Section::kTimeNanos).at(row))};
  }
  [[nodiscard]] uint16_t period(uint64_t row) const {
    return static_cast<uint16_t>(integers(Section::kPeriod).at(row));
  }
  [[nodiscard]] uint64_t actor_code(uint64_t row) const {
    return static_cast<uint64_t>(integers(Section::kActorCode).at(row));
  }
  [[nodiscard]] std::span<const uint32_t> subjects_of(uint64_t row) const {
    return std::span(row_subject_).subspan(row_first_[row], row_first_[row + 1] - row_first_[row]);
  }

  // Rows in the postings of a subject (role ignored), or of an actor (all functions and units): empty when absent.
  [[nodiscard]] PostingRange find_subject(const StoredSubject& subject) const;
  [[nodiscard]] PostingRange find_actor(std::string_view id) const;
  [[nodiscard]] uint64_t subject_posting(uint64_t posting) const {
    return static_cast<uint64_t>(subject_postings_.at(posting));
  }
  [[nodiscard]] uint64_t actor_posting(uint64_t posting) const {
    return static_cast<uint64_t>(actor_postings_.at(posting));
  }

  [[nodiscard]] StoredActor actor(uint64_t code) const;
  [[nodiscard]] StoredShape shape(uint64_t code) const;
  // Without a role: that belongs to the posting.
  [[nodiscard]] StoredSubject subject(uint64_t code) const;
  [[nodiscard]] const IntegerColumn& integers(Section section) const;
  [[nodiscard]] const TextColumn& texts(Section section) const;
  // The bytes of a row that is not an event; empty when it is one.
  [[nodiscard]] std::string_view opaque(uint64_t row) const { return texts(Section::kOpaque).at(row); }

 private:
  Status open_columns(ByteView file, const std::vector<SectionPlace>& sections);
  Status check_codes() const;
  void invert_postings();

  SegmentHeader header_;
  std::vector<IntegerColumn> integers_;  // by section number
  std::vector<TextColumn> texts_;        // by section number
  IntegerColumn subject_postings_;
  IntegerColumn actor_postings_;
  ByteView filter_;
  ByteView tile_hashes_;
  std::vector<uint32_t> row_first_;     // where a row's subjects begin in row_posting_
  std::vector<uint32_t> row_posting_;   // postings grouped by row
  std::vector<uint32_t> row_subject_;   // the subject of each of those
};

}  // namespace weerbaar::trail

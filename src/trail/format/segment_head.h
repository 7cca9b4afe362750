// The head of a segment file: what it holds, and where. docs/formats/segment.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/column.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

inline constexpr uint64_t kSegmentEntries = 65'536;  // 256²: a full subtree of two tile levels
inline constexpr uint64_t kTileEntries = 256;
inline constexpr uint32_t kSegmentVersion = 2;  // that is written; 1 is read too
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
  kApplicationCode = 8,  // in version 1 that of the operation too
  kRecords = 9,          // 0: absent, else the number plus one
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
  kOperationCode = 23,
  kListCode = 24,  // which list of subjects
  // One row an actor, ascending.
  kActorId = 32,
  kActorType = 33,
  kActorFunction = 34,
  kActorUnit = 35,
  kActorFirst = 36,     // version 1: where its postings begin; one row more than actors
  kActorPostings = 37,  // version 1: entries of each actor, ascending
  // One row an application, or an operation, ascending; in version 1 there is one table of both.
  kApplicationSource = 48,
  kOperationAction = 49,
  kApplicationSystem = 50,
  kOperationComponent = 51,
  kApplicationData = 52,
  kApplicationActivity = 53,
  kApplicationLegalBasis = 54,
  kOperationOutcome = 55,
  // One row a subject (type and pseudonym), ascending.
  kSubjectType = 64,
  kSubjectIsNumber = 65,
  kSubjectNumber = 66,
  kSubjectBytes = 67,
  kSubjectFirst = 68,     // version 1: where its postings begin; one row more than subjects
  kSubjectPostings = 69,  // version 1: entries of each subject, ascending
  kSubjectRole = 70,      // version 1: one row a posting
  // One row a list of subjects, and one row an item of a list.
  kListLength = 72,
  kItemSubject = 73,
  kItemRole = 74,
  // Other.
  kFilter = 80,      // version 1: trail/format/filter.h over subjects and actors
  kTileHashes = 81,  // 256 hashes: the roots of each 256 entries, a full level-1 tile
};

// The fixed head of a segment file.
struct SegmentHeader {
  uint32_t version = kSegmentVersion;
  uint64_t first_index = 0;
  uint64_t signed_size = 0;  // the largest tree size signed when this was sealed
  Hash root{};               // MTH of the entries
  int64_t time_min = 0;      // microseconds, over the events
  int64_t time_max = 0;
  uint64_t actors = 0;
  uint64_t applications = 0;
  uint64_t operations = 0;  // in version 1 as many as applications
  uint64_t subjects = 0;
  uint64_t lists = 0;  // 0 in version 1
  uint64_t items = 0;  // of lists; in version 1 postings of subjects
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
// What stands in front of the sections: head, directory, checksum. `sections` without offsets, which are filled in.
Bytes write_segment_head(const SegmentHeader& header, std::vector<SectionPlace>& sections);

// What a person would call a section: "actor code".
std::string_view to_string(Section section);

enum class SectionKind : uint8_t { kIntegers, kTexts, kBytes };

// In what order the rows of entries stand.
enum class RowOrder : uint8_t {
  kArrival,
  kByActor,   // by actor code, and then in the order of arrival
  kBySource,  // by the rank of the source among those of the applications, and then in the order of arrival
};

struct SectionRule {
  Section id;
  SectionKind kind;
  uint64_t SegmentHeader::* rows;  // null: kSegmentEntries, or none for bytes
  uint64_t rows_more;              // than that
  RowOrder order;
  std::string_view name;
};

// The sections that a segment of this version has, in order; none for an unknown version.
std::span<const SectionRule> section_rules(uint32_t version);

}  // namespace weerbaar::trail

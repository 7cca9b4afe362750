#include "trail/format/segment_head.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "domain/access_event.h"

namespace weerbaar::trail {
namespace {

constexpr auto kIntegers = SectionKind::kIntegers;
constexpr auto kTexts = SectionKind::kTexts;
constexpr auto kBytes = SectionKind::kBytes;
constexpr auto kArrival = RowOrder::kArrival;
constexpr auto kByActor = RowOrder::kByActor;
constexpr auto kBySource = RowOrder::kBySource;
using H = SegmentHeader;

constexpr SectionRule kRulesOf1[] = {
    {Section::kOpaque, kTexts, nullptr, 0, kArrival, "records"},
    {Section::kId, kTexts, nullptr, 0, kArrival, "event id"},
    {Section::kTime, kIntegers, nullptr, 0, kArrival, "time"},
    {Section::kTimeNanos, kIntegers, nullptr, 0, kArrival, "time nanoseconds"},
    {Section::kReceived, kIntegers, nullptr, 0, kArrival, "received"},
    {Section::kPeriod, kIntegers, nullptr, 0, kArrival, "period"},
    {Section::kActorCode, kIntegers, nullptr, 0, kArrival, "actor code"},
    {Section::kApplicationCode, kIntegers, nullptr, 0, kArrival, "application code"},
    {Section::kRecords, kIntegers, nullptr, 0, kArrival, "number of records"},
    {Section::kCase, kTexts, nullptr, 0, kArrival, "case"},
    {Section::kQuery, kTexts, nullptr, 0, kArrival, "query"},
    {Section::kBreakGlass, kIntegers, nullptr, 0, kArrival, "break glass"},
    {Section::kTraceId, kTexts, nullptr, 0, kArrival, "trace id"},
    {Section::kSpanId, kTexts, nullptr, 0, kArrival, "span id"},
    {Section::kParentSpanId, kTexts, nullptr, 0, kArrival, "parent span id"},
    {Section::kMarks, kIntegers, nullptr, 0, kArrival, "marks"},
    {Section::kOnBehalfOf, kTexts, nullptr, 0, kArrival, "on behalf of"},
    {Section::kReason, kTexts, nullptr, 0, kArrival, "reason"},
    {Section::kTerminal, kTexts, nullptr, 0, kArrival, "terminal"},
    {Section::kIp, kTexts, nullptr, 0, kArrival, "ip"},
    {Section::kLocation, kTexts, nullptr, 0, kArrival, "location"},
    {Section::kAttributes, kTexts, nullptr, 0, kArrival, "attributes"},
    {Section::kActorId, kTexts, &H::actors, 0, kArrival, "actor id"},
    {Section::kActorType, kIntegers, &H::actors, 0, kArrival, "actor type"},
    {Section::kActorFunction, kTexts, &H::actors, 0, kArrival, "actor function"},
    {Section::kActorUnit, kTexts, &H::actors, 0, kArrival, "actor unit"},
    {Section::kActorFirst, kIntegers, &H::actors, 1, kArrival, "actor index"},
    {Section::kActorPostings, kIntegers, nullptr, 0, kArrival, "actor postings"},
    {Section::kApplicationSource, kTexts, &H::applications, 0, kArrival, "source"},
    {Section::kOperationAction, kIntegers, &H::operations, 0, kArrival, "action"},
    {Section::kApplicationSystem, kTexts, &H::applications, 0, kArrival, "system"},
    {Section::kOperationComponent, kTexts, &H::operations, 0, kArrival, "component"},
    {Section::kApplicationData, kTexts, &H::applications, 0, kArrival, "data categories"},
    {Section::kApplicationActivity, kTexts, &H::applications, 0, kArrival, "processing activity"},
    {Section::kApplicationLegalBasis, kTexts, &H::applications, 0, kArrival, "legal basis"},
    {Section::kOperationOutcome, kIntegers, &H::operations, 0, kArrival, "outcome"},
    {Section::kSubjectType, kIntegers, &H::subjects, 0, kArrival, "subject type"},
    {Section::kSubjectIsNumber, kIntegers, &H::subjects, 0, kArrival, "subject form"},
    {Section::kSubjectNumber, kIntegers, &H::subjects, 0, kArrival, "subject number"},
    {Section::kSubjectBytes, kTexts, &H::subjects, 0, kArrival, "subject bytes"},
    {Section::kSubjectFirst, kIntegers, &H::subjects, 1, kArrival, "subject index"},
    {Section::kSubjectPostings, kIntegers, &H::items, 0, kArrival, "subject postings"},
    {Section::kSubjectRole, kTexts, &H::items, 0, kArrival, "subject role"},
    {Section::kFilter, kBytes, nullptr, 0, kArrival, "filter"},
    {Section::kTileHashes, kBytes, nullptr, 0, kArrival, "tile hashes"},
};

// What an employee does in one session is mostly about the same persons, in the same application, on the same case: the
// rows of an employee, one behind the other, are long runs of the same value.
constexpr SectionRule kRulesOf2[] = {
    {Section::kOpaque, kTexts, nullptr, 0, kArrival, "records"},
    {Section::kId, kTexts, nullptr, 0, kBySource, "event id"},
    {Section::kTime, kIntegers, nullptr, 0, kArrival, "time"},
    {Section::kTimeNanos, kIntegers, nullptr, 0, kArrival, "time nanoseconds"},
    {Section::kReceived, kIntegers, nullptr, 0, kArrival, "received"},
    {Section::kPeriod, kIntegers, nullptr, 0, kArrival, "period"},
    {Section::kActorCode, kIntegers, nullptr, 0, kArrival, "actor code"},
    {Section::kApplicationCode, kIntegers, nullptr, 0, kByActor, "application code"},
    {Section::kRecords, kIntegers, nullptr, 0, kByActor, "number of records"},
    {Section::kCase, kTexts, nullptr, 0, kByActor, "case"},
    {Section::kQuery, kTexts, nullptr, 0, kByActor, "query"},
    {Section::kBreakGlass, kIntegers, nullptr, 0, kByActor, "break glass"},
    {Section::kTraceId, kTexts, nullptr, 0, kByActor, "trace id"},
    {Section::kSpanId, kTexts, nullptr, 0, kByActor, "span id"},
    {Section::kParentSpanId, kTexts, nullptr, 0, kByActor, "parent span id"},
    {Section::kMarks, kIntegers, nullptr, 0, kByActor, "marks"},
    {Section::kOnBehalfOf, kTexts, nullptr, 0, kByActor, "on behalf of"},
    {Section::kReason, kTexts, nullptr, 0, kByActor, "reason"},
    {Section::kTerminal, kTexts, nullptr, 0, kByActor, "terminal"},
    {Section::kIp, kTexts, nullptr, 0, kByActor, "ip"},
    {Section::kLocation, kTexts, nullptr, 0, kByActor, "location"},
    {Section::kAttributes, kTexts, nullptr, 0, kByActor, "attributes"},
    {Section::kOperationCode, kIntegers, nullptr, 0, kByActor, "operation code"},
    {Section::kListCode, kIntegers, nullptr, 0, kByActor, "subject list code"},
    {Section::kActorId, kTexts, &H::actors, 0, kArrival, "actor id"},
    {Section::kActorType, kIntegers, &H::actors, 0, kArrival, "actor type"},
    {Section::kActorFunction, kTexts, &H::actors, 0, kArrival, "actor function"},
    {Section::kActorUnit, kTexts, &H::actors, 0, kArrival, "actor unit"},
    {Section::kApplicationSource, kTexts, &H::applications, 0, kArrival, "source"},
    {Section::kOperationAction, kIntegers, &H::operations, 0, kArrival, "action"},
    {Section::kApplicationSystem, kTexts, &H::applications, 0, kArrival, "system"},
    {Section::kOperationComponent, kTexts, &H::operations, 0, kArrival, "component"},
    {Section::kApplicationData, kTexts, &H::applications, 0, kArrival, "data categories"},
    {Section::kApplicationActivity, kTexts, &H::applications, 0, kArrival, "processing activity"},
    {Section::kApplicationLegalBasis, kTexts, &H::applications, 0, kArrival, "legal basis"},
    {Section::kOperationOutcome, kIntegers, &H::operations, 0, kArrival, "outcome"},
    {Section::kSubjectType, kIntegers, &H::subjects, 0, kArrival, "subject type"},
    {Section::kSubjectIsNumber, kIntegers, &H::subjects, 0, kArrival, "subject form"},
    {Section::kSubjectNumber, kIntegers, &H::subjects, 0, kArrival, "subject number"},
    {Section::kSubjectBytes, kTexts, &H::subjects, 0, kArrival, "subject bytes"},
    {Section::kListLength, kIntegers, &H::lists, 0, kArrival, "subject list length"},
    {Section::kItemSubject, kIntegers, &H::items, 0, kArrival, "subject in a list"},
    {Section::kItemRole, kTexts, &H::items, 0, kArrival, "role in a list"},
    {Section::kTileHashes, kBytes, nullptr, 0, kArrival, "tile hashes"},
};

constexpr size_t kSectionsMax = 96;
constexpr size_t kPlaceBytes = 32;
constexpr uint64_t kPostingBytes = 2;

// The fields of a header in the order of the file, after version and number of sections.
std::vector<uint64_t SegmentHeader::*> count_fields(uint32_t version) {
  if (version == 1) return {&H::actors, &H::applications, &H::subjects, &H::items};
  return {&H::actors, &H::applications, &H::operations, &H::subjects, &H::lists, &H::items};
}

// Magic, version, sections; four u64 and the counts and a zero; root.
size_t fixed_bytes(uint32_t version) {
  return 8 + 4 + 4 + (4 + count_fields(version).size() + 1) * 8 + 32;
}

bool are_possible(const SegmentHeader& header, uint64_t file_bytes) {
  if (header.actors > kSegmentEntries || header.applications > kSegmentEntries || header.operations > kSegmentEntries ||
      header.lists > kSegmentEntries || header.subjects > header.items ||
      header.items > kSegmentEntries * kSubjectsMax || header.first_index % kSegmentEntries != 0) {
    return false;
  }
  // In version 1 postings stand as they are, so that no small file can claim many of them.
  return header.version != 1 || header.items <= file_bytes / kPostingBytes;
}

Status read_directory(ByteView file, const uint8_t* at, uint64_t end, SegmentHead& head) {
  const auto rules = section_rules(head.header.version);
  for (const SectionRule& rule : rules) {
    SectionPlace place;
    place.id = static_cast<Section>(load_le<uint16_t>(at));
    place.encoding = static_cast<Encoding>(load_le<uint16_t>(at + 2));
    place.offset = load_le<uint64_t>(at + 8);
    place.length = load_le<uint64_t>(at + 16);
    place.checksum = load_le<uint64_t>(at + 24);
    at += kPlaceBytes;
    if (place.id != rule.id) return fail(Code::kCorrupt, fmt::format("section \"{}\" is missing", rule.name));
    if (place.offset > file.size() || place.length > file.size() - place.offset) {
      return fail(Code::kCorrupt, fmt::format("section \"{}\" lies outside the file: it was cut short", rule.name));
    }
    if (place.offset != end) return fail(Code::kCorrupt, "the sections of the segment do not follow one another");
    end += place.length;
    head.sections.push_back(place);
  }
  if (end != file.size()) return fail(Code::kCorrupt, "the segment does not end where its last section ends");
  return {};
}

}  // namespace

std::span<const SectionRule> section_rules(uint32_t version) {
  if (version == 1) return kRulesOf1;
  if (version == 2) return kRulesOf2;
  return {};
}

std::string_view to_string(Section section) {
  for (const auto rules : {section_rules(2), section_rules(1)}) {
    const auto found = std::ranges::find(rules, section, &SectionRule::id);
    if (found != rules.end()) return found->name;
  }
  return "unknown section";
}

Result<SegmentHead> read_segment_head(ByteView file) {
  SegmentHead head;
  SegmentHeader& header = head.header;
  if (file.size() < 16) return fail(Code::kCorrupt, "the segment is cut short in its head");
  if (!std::equal(kSegmentMagic.begin(), kSegmentMagic.end(), file.begin())) {
    return fail(Code::kCorrupt, "the file is not a segment");
  }
  header.version = load_le<uint32_t>(file.data() + 8);
  const auto rules = section_rules(header.version);
  if (rules.empty()) {
    return fail(Code::kCorrupt, "the segment has an unknown version: a newer program wrote it, or it is damaged");
  }
  const auto count = load_le<uint32_t>(file.data() + 12);
  const uint64_t head_size = fixed_bytes(header.version) + uint64_t{count} * kPlaceBytes;
  if (count > kSectionsMax || file.size() < head_size + 8) {
    return fail(Code::kCorrupt, "the segment is cut short in its directory");
  }
  if (XXH3_64bits(file.data(), head_size) != load_le<uint64_t>(file.data() + head_size)) {
    return fail(Code::kCorrupt, "the head of the segment is damaged: its checksum is wrong");
  }
  if (count != rules.size()) return fail(Code::kCorrupt, "the segment does not have all its sections");
  const uint8_t* at = file.data() + 16;
  const auto next = [&at] {
    const auto value = load_le<uint64_t>(at);
    at += 8;
    return value;
  };
  header.first_index = next();
  header.signed_size = next();
  header.time_min = static_cast<int64_t>(next());
  header.time_max = static_cast<int64_t>(next());
  for (const auto field : count_fields(header.version)) header.*field = next();
  if (header.version == 1) header.operations = header.applications;
  if (next() != 0) return fail(Code::kCorrupt, "the head of the segment has a reserved field that is not zero");
  std::copy(at, at + 32, header.root.begin());
  if (!are_possible(header, file.size())) return fail(Code::kCorrupt, "the head of the segment has impossible counts");
  WEERBAAR_TRY(read_directory(file, at + 32, head_size + 8, head));
  return head;
}

Bytes write_segment_head(const SegmentHeader& header, std::vector<SectionPlace>& sections) {
  Bytes head(kSegmentMagic.begin(), kSegmentMagic.end());
  append_le(head, header.version);
  append_le(head, static_cast<uint32_t>(sections.size()));
  for (const uint64_t field : {header.first_index, header.signed_size, static_cast<uint64_t>(header.time_min),
                               static_cast<uint64_t>(header.time_max)}) {
    append_le(head, field);
  }
  for (const auto field : count_fields(header.version)) append_le(head, header.*field);
  append_le(head, uint64_t{0});
  append(head, header.root);
  uint64_t offset = head.size() + sections.size() * kPlaceBytes + 8;
  for (SectionPlace& place : sections) {
    place.offset = offset;
    offset += place.length;
    append_le(head, static_cast<uint16_t>(place.id));
    append_le(head, static_cast<uint16_t>(place.encoding));
    append_le(head, uint32_t{0});
    append_le(head, place.offset);
    append_le(head, place.length);
    append_le(head, place.checksum);
  }
  append_le(head, static_cast<uint64_t>(XXH3_64bits(head.data(), head.size())));
  return head;
}

}  // namespace weerbaar::trail

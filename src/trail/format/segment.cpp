#include "trail/format/segment.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

enum class Kind : uint8_t { kIntegers, kTexts, kBytes };
enum class Rows : uint8_t { kEntries, kActors, kActorsAndOne, kShapes, kSubjects, kSubjectsAndOne, kPostings, kNone };

struct SectionRule {
  Section id;
  Kind kind;
  Rows rows;
  std::string_view name;
};

constexpr SectionRule kRules[] = {
    {Section::kOpaque, Kind::kTexts, Rows::kEntries, "records"},
    {Section::kId, Kind::kTexts, Rows::kEntries, "event id"},
    {Section::kTime, Kind::kIntegers, Rows::kEntries, "time"},
    {Section::kTimeNanos, Kind::kIntegers, Rows::kEntries, "time nanoseconds"},
    {Section::kReceived, Kind::kIntegers, Rows::kEntries, "received"},
    {Section::kPeriod, Kind::kIntegers, Rows::kEntries, "period"},
    {Section::kActorCode, Kind::kIntegers, Rows::kEntries, "actor code"},
    {Section::kShapeCode, Kind::kIntegers, Rows::kEntries, "shape code"},
    {Section::kRecords, Kind::kIntegers, Rows::kEntries, "number of records"},
    {Section::kCase, Kind::kTexts, Rows::kEntries, "case"},
    {Section::kQuery, Kind::kTexts, Rows::kEntries, "query"},
    {Section::kBreakGlass, Kind::kIntegers, Rows::kEntries, "break glass"},
    {Section::kTraceId, Kind::kTexts, Rows::kEntries, "trace id"},
    {Section::kSpanId, Kind::kTexts, Rows::kEntries, "span id"},
    {Section::kParentSpanId, Kind::kTexts, Rows::kEntries, "parent span id"},
    {Section::kMarks, Kind::kIntegers, Rows::kEntries, "marks"},
    {Section::kOnBehalfOf, Kind::kTexts, Rows::kEntries, "on behalf of"},
    {Section::kReason, Kind::kTexts, Rows::kEntries, "reason"},
    {Section::kTerminal, Kind::kTexts, Rows::kEntries, "terminal"},
    {Section::kIp, Kind::kTexts, Rows::kEntries, "ip"},
    {Section::kLocation, Kind::kTexts, Rows::kEntries, "location"},
    {Section::kAttributes, Kind::kTexts, Rows::kEntries, "attributes"},
    {Section::kActorId, Kind::kTexts, Rows::kActors, "actor id"},
    {Section::kActorType, Kind::kIntegers, Rows::kActors, "actor type"},
    {Section::kActorFunction, Kind::kTexts, Rows::kActors, "actor function"},
    {Section::kActorUnit, Kind::kTexts, Rows::kActors, "actor unit"},
    {Section::kActorFirst, Kind::kIntegers, Rows::kActorsAndOne, "actor index"},
    {Section::kActorPostings, Kind::kIntegers, Rows::kEntries, "actor postings"},
    {Section::kShapeSource, Kind::kTexts, Rows::kShapes, "source"},
    {Section::kShapeAction, Kind::kIntegers, Rows::kShapes, "action"},
    {Section::kShapeSystem, Kind::kTexts, Rows::kShapes, "system"},
    {Section::kShapeComponent, Kind::kTexts, Rows::kShapes, "component"},
    {Section::kShapeData, Kind::kTexts, Rows::kShapes, "data categories"},
    {Section::kShapeActivity, Kind::kTexts, Rows::kShapes, "processing activity"},
    {Section::kShapeLegalBasis, Kind::kTexts, Rows::kShapes, "legal basis"},
    {Section::kShapeOutcome, Kind::kIntegers, Rows::kShapes, "outcome"},
    {Section::kSubjectType, Kind::kIntegers, Rows::kSubjects, "subject type"},
    {Section::kSubjectIsNumber, Kind::kIntegers, Rows::kSubjects, "subject form"},
    {Section::kSubjectNumber, Kind::kIntegers, Rows::kSubjects, "subject number"},
    {Section::kSubjectBytes, Kind::kTexts, Rows::kSubjects, "subject bytes"},
    {Section::kSubjectFirst, Kind::kIntegers, Rows::kSubjectsAndOne, "subject index"},
    {Section::kSubjectPostings, Kind::kIntegers, Rows::kPostings, "subject postings"},
    {Section::kSubjectRole, Kind::kTexts, Rows::kPostings, "subject role"},
    {Section::kFilter, Kind::kBytes, Rows::kNone, "filter"},
    {Section::kTileHashes, Kind::kBytes, Rows::kNone, "tile hashes"},
};

uint64_t rows_of(Rows rows, const SegmentHeader& header) {
  switch (rows) {
    case Rows::kEntries:
      return kSegmentEntries;
    case Rows::kActors:
      return header.actors;
    case Rows::kActorsAndOne:
      return header.actors + 1;
    case Rows::kShapes:
      return header.shapes;
    case Rows::kSubjects:
      return header.subjects;
    case Rows::kSubjectsAndOne:
      return header.subjects + 1;
    case Rows::kPostings:
      return header.postings;
    case Rows::kNone:
      return 0;
  }
  return 0;
}

constexpr size_t kSectionIds = 96;
constexpr uint64_t kPostingBytes = 2;

size_t slot(Section section) {
  return static_cast<size_t>(section);
}

// Every value of `column` lies in [0, limit), or the reason why not.
Status check_below(const IntegerColumn& column, uint64_t limit, std::string_view name) {
  std::vector<int64_t> values(column.rows());
  column.read_all(values);
  for (const int64_t value : values) {
    if (value < 0 || static_cast<uint64_t>(value) >= limit) {
      return fail(Code::kCorrupt, fmt::format("section \"{}\" points outside its table", name));
    }
  }
  return {};
}

// Starts of runs: from 0, never falling, to `total`.
Status check_runs(const IntegerColumn& column, uint64_t total, std::string_view name) {
  int64_t previous = 0;
  for (uint64_t row = 0; row < column.rows(); ++row) {
    const int64_t value = column.at(row);
    if (value < previous || (row == 0 && value != 0)) {
      return fail(Code::kCorrupt, fmt::format("section \"{}\" is not ascending", name));
    }
    previous = value;
  }
  if (static_cast<uint64_t>(previous) != total) {
    return fail(Code::kCorrupt, fmt::format("section \"{}\" does not cover its postings", name));
  }
  return {};
}

}  // namespace

std::string_view to_string(Section section) {
  for (const SectionRule& rule : kRules) {
    if (rule.id == section) return rule.name;
  }
  return "unknown section";
}

// Head: magic 8, version u32, sections u32, nine u64 (first index, signed size, time min, time max, actors, shapes,
// subjects, postings, zero), root 32, directory of 32 bytes a section, then XXH3-64 of all of that.
Result<SegmentHead> read_segment_head(ByteView file) {
  SegmentHead head;
  SegmentHeader& header = head.header;
  constexpr size_t kFixed = 8 + 4 + 4 + 9 * 8 + 32;
  constexpr size_t kPlace = 32;
  if (file.size() < kFixed + 8) return fail(Code::kCorrupt, "the segment is cut short in its head");
  if (!std::equal(kSegmentMagic.begin(), kSegmentMagic.end(), file.begin())) {
    return fail(Code::kCorrupt, "the file is not a segment");
  }
  if (load_le<uint32_t>(file.data() + 8) != kSegmentVersion) {
    return fail(Code::kCorrupt, "the segment has an unknown version: a newer program wrote it, or it is damaged");
  }
  const auto count = load_le<uint32_t>(file.data() + 12);
  const uint64_t head_size = kFixed + uint64_t{count} * kPlace;
  if (count > kSectionIds || file.size() < head_size + 8) {
    return fail(Code::kCorrupt, "the segment is cut short in its directory");
  }
  if (XXH3_64bits(file.data(), head_size) != load_le<uint64_t>(file.data() + head_size)) {
    return fail(Code::kCorrupt, "the head of the segment is damaged: its checksum is wrong");
  }
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
  header.actors = next();
  header.shapes = next();
  header.subjects = next();
  header.postings = next();
  if (next() != 0) return fail(Code::kCorrupt, "the head of the segment has a reserved field that is not zero");
  std::copy(at, at + 32, header.root.begin());
  at += 32;
  if (header.actors > kSegmentEntries || header.shapes > kSegmentEntries || header.subjects > header.postings ||
      header.postings > kSegmentEntries * kSubjectsMax || header.postings > file.size() / kPostingBytes ||
      header.first_index % kSegmentEntries != 0) {
    return fail(Code::kCorrupt, "the head of the segment has impossible counts");
  }
  uint64_t end = head_size + 8;
  for (uint32_t i = 0; i < count; ++i, at += kPlace) {
    SectionPlace place;
    place.id = static_cast<Section>(load_le<uint16_t>(at));
    place.encoding = static_cast<Encoding>(load_le<uint16_t>(at + 2));
    place.offset = load_le<uint64_t>(at + 8);
    place.length = load_le<uint64_t>(at + 16);
    place.checksum = load_le<uint64_t>(at + 24);
    if (place.offset > file.size() || place.length > file.size() - place.offset) {
      return fail(Code::kCorrupt,
                  fmt::format("section \"{}\" lies outside the file: it was cut short", to_string(place.id)));
    }
    if (place.offset != end) return fail(Code::kCorrupt, "the sections of the segment do not follow one another");
    end += place.length;
    head.sections.push_back(place);
  }
  if (end != file.size()) return fail(Code::kCorrupt, "the segment does not end where its last section ends");
  if (head.sections.size() != std::size(kRules)) {
    return fail(Code::kCorrupt, "the segment does not have all its sections");
  }
  for (size_t i = 0; i < std::size(kRules); ++i) {
    if (head.sections[i].id != kRules[i].id) {
      return fail(Code::kCorrupt, fmt::format("section \"{}\" is missing", kRules[i].name));
    }
  }
  return head;
}

ByteView section_bytes(ByteView file, const SegmentHead& head, Section section) {
  const auto found = std::find_if(head.sections.begin(), head.sections.end(),
                                  [section](const SectionPlace& place) { return place.id == section; });
  WEERBAAR_CHECK(found != head.sections.end());
  return file.subspan(found->offset, found->length);
}

Status Segment::open_columns(ByteView file, const std::vector<SectionPlace>& sections) {
  integers_.resize(kSectionIds);
  texts_.resize(kSectionIds);
  uint64_t budget = segment_text_bytes_max(file.size());
  for (size_t i = 0; i < sections.size(); ++i) {
    const SectionPlace& place = sections[i];
    const SectionRule& rule = kRules[i];
    const ByteView bytes = file.subspan(place.offset, place.length);
    if (XXH3_64bits(bytes.data(), bytes.size()) != place.checksum) {
      return fail(Code::kCorrupt, fmt::format("section \"{}\" is damaged: its checksum is wrong", rule.name));
    }
    const uint64_t rows = rows_of(rule.rows, header_);
    const std::string where = fmt::format("section \"{}\"", rule.name);
    // Postings stand as they are, so that no small file can claim many of them (read_segment_head).
    const bool is_postings = rule.id == Section::kSubjectPostings || rule.id == Section::kActorPostings;
    if (is_postings && place.encoding != Encoding::kIntegers16) {
      return fail(Code::kCorrupt, where + " is not in the encoding of postings");
    }
    if (rule.kind == Kind::kIntegers) {
      auto column = IntegerColumn::open(place.encoding, rows, bytes);
      if (!column) return fail_in(where, column.error());
      integers_[slot(rule.id)] = std::move(*column);
    } else if (rule.kind == Kind::kTexts) {
      auto column = TextColumn::open(place.encoding, rows, bytes, budget);
      if (!column) return fail_in(where, column.error());
      texts_[slot(rule.id)] = std::move(*column);
    } else if (rule.id == Section::kFilter) {
      filter_ = bytes;
    } else {
      tile_hashes_ = bytes;
    }
  }
  if (tile_hashes_.size() != kTileEntries * sizeof(Hash)) return fail(Code::kCorrupt, "the tile hashes are not 256");
  subject_postings_ = integers_[slot(Section::kSubjectPostings)];
  actor_postings_ = integers_[slot(Section::kActorPostings)];
  return {};
}

Status Segment::check_codes() const {
  const auto below = [this](Section section, uint64_t limit) {
    return check_below(integers(section), limit, to_string(section));
  };
  WEERBAAR_TRY(below(Section::kActorCode, header_.actors));
  WEERBAAR_TRY(below(Section::kShapeCode, header_.shapes));
  WEERBAAR_TRY(below(Section::kActorPostings, kSegmentEntries));
  WEERBAAR_TRY(below(Section::kSubjectPostings, kSegmentEntries));
  WEERBAAR_TRY(below(Section::kActorType, static_cast<uint64_t>(ActorType::kExternal) + 1));
  WEERBAAR_TRY(below(Section::kShapeAction, static_cast<uint64_t>(Action::kDecide) + 1));
  WEERBAAR_TRY(below(Section::kShapeOutcome, static_cast<uint64_t>(Outcome::kFailure) + 1));
  WEERBAAR_TRY(below(Section::kSubjectType, static_cast<uint64_t>(SubjectType::kOther) + 1));
  WEERBAAR_TRY(below(Section::kSubjectIsNumber, 2));
  WEERBAAR_TRY(below(Section::kBreakGlass, 2));
  WEERBAAR_TRY(below(Section::kTimeNanos, 1'000));
  WEERBAAR_TRY(below(Section::kPeriod, uint64_t{UINT16_MAX} + 1));
  WEERBAAR_TRY(check_runs(integers(Section::kActorFirst), kSegmentEntries, to_string(Section::kActorFirst)));
  return check_runs(integers(Section::kSubjectFirst), header_.postings, to_string(Section::kSubjectFirst));
}

// Groups the postings by row, so that an entry finds its subjects.
void Segment::invert_postings() {
  const IntegerColumn& first = integers(Section::kSubjectFirst);
  std::vector<uint32_t> code_of(header_.postings);
  row_first_.assign(kSegmentEntries + 1, 0);
  std::vector<int64_t> rows(header_.postings);
  subject_postings_.read_all(rows);
  for (uint64_t code = 0; code < header_.subjects; ++code) {
    const auto end = static_cast<uint64_t>(first.at(code + 1));
    for (auto posting = static_cast<uint64_t>(first.at(code)); posting < end; ++posting) {
      code_of[posting] = static_cast<uint32_t>(code);
      ++row_first_[static_cast<size_t>(rows[posting]) + 1];
    }
  }
  for (size_t row = 1; row < row_first_.size(); ++row) row_first_[row] += row_first_[row - 1];
  row_posting_.resize(header_.postings);
  row_subject_.resize(header_.postings);
  std::vector<uint32_t> next(row_first_.begin(), row_first_.end() - 1);
  // Postings stand in the order of their subjects, so a row's subjects come out ascending.
  for (uint64_t posting = 0; posting < header_.postings; ++posting) {
    const uint32_t place = next[static_cast<size_t>(rows[posting])]++;
    row_posting_[place] = static_cast<uint32_t>(posting);
    row_subject_[place] = code_of[posting];
  }
}

Result<Segment> Segment::open(ByteView file) {
  Segment segment;
  WEERBAAR_ASSIGN(const SegmentHead head, read_segment_head(file));
  segment.header_ = head.header;
  WEERBAAR_TRY(segment.open_columns(file, head.sections));
  WEERBAAR_TRY(segment.check_codes());
  segment.invert_postings();
  return segment;
}

Hash Segment::tile_hash(uint64_t tile) const {
  Hash hash;
  const ByteView bytes = tile_hashes_.subspan(tile * hash.size(), hash.size());
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

const IntegerColumn& Segment::integers(Section section) const {
  return integers_[slot(section)];
}
const TextColumn& Segment::texts(Section section) const {
  return texts_[slot(section)];
}

StoredActor Segment::actor(uint64_t code) const {
  return {texts(Section::kActorId).at(code), static_cast<ActorType>(integers(Section::kActorType).at(code)),
          texts(Section::kActorFunction).at(code), texts(Section::kActorUnit).at(code)};
}

StoredShape Segment::shape(uint64_t code) const {
  return {texts(Section::kShapeSource).at(code),     static_cast<Action>(integers(Section::kShapeAction).at(code)),
          texts(Section::kShapeSystem).at(code),     texts(Section::kShapeComponent).at(code),
          texts(Section::kShapeData).at(code),       texts(Section::kShapeActivity).at(code),
          texts(Section::kShapeLegalBasis).at(code), static_cast<Outcome>(integers(Section::kShapeOutcome).at(code))};
}

StoredSubject Segment::subject(uint64_t code) const {
  StoredSubject subject;
  subject.type = static_cast<SubjectType>(integers(Section::kSubjectType).at(code));
  subject.is_number = integers(Section::kSubjectIsNumber).at(code) != 0;
  subject.number = static_cast<uint64_t>(integers(Section::kSubjectNumber).at(code));
  subject.bytes = texts(Section::kSubjectBytes).at(code);
  return subject;
}

bool Segment::event(uint64_t row, StoredEvent& event, std::vector<StoredSubject>& subjects) const {
  if (!opaque(row).empty()) return false;
  subjects.clear();
  for (uint32_t i = row_first_[row]; i < row_first_[row + 1]; ++i) {
    StoredSubject subject = this->subject(row_subject_[i]);
    subject.role = texts(Section::kSubjectRole).at(row_posting_[i]);
    subjects.push_back(subject);
  }
  event.id = texts(Section::kId).at(row);
  event.time = {integers(Section::kTime).at(row), static_cast<uint16_t>(integers(Section::kTimeNanos).at(row))};
  event.received_ms = integers(Section::kReceived).at(row);
  event.period = static_cast<uint16_t>(integers(Section::kPeriod).at(row));
  event.actor = actor(static_cast<uint64_t>(integers(Section::kActorCode).at(row)));
  event.shape = shape(static_cast<uint64_t>(integers(Section::kShapeCode).at(row)));
  event.subjects = subjects;
  const auto records = static_cast<uint64_t>(integers(Section::kRecords).at(row));
  event.records = records == 0 ? std::nullopt : std::optional<uint64_t>(records - 1);
  event.case_id = texts(Section::kCase).at(row);
  event.query = texts(Section::kQuery).at(row);
  event.break_glass = integers(Section::kBreakGlass).at(row) != 0;
  event.trace_id = texts(Section::kTraceId).at(row);
  event.span_id = texts(Section::kSpanId).at(row);
  event.parent_span_id = texts(Section::kParentSpanId).at(row);
  event.marks = static_cast<uint64_t>(integers(Section::kMarks).at(row));
  event.on_behalf_of = texts(Section::kOnBehalfOf).at(row);
  event.reason = texts(Section::kReason).at(row);
  event.terminal = texts(Section::kTerminal).at(row);
  event.ip = texts(Section::kIp).at(row);
  event.location = texts(Section::kLocation).at(row);
  event.attributes = texts(Section::kAttributes).at(row);
  return true;
}

void Segment::entry(uint64_t row, Bytes& out) const {
  const std::string_view bytes = opaque(row);
  if (!bytes.empty()) {
    append(out, as_bytes(bytes));
    return;
  }
  thread_local std::vector<StoredSubject> subjects;
  StoredEvent stored;
  event(row, stored, subjects);
  encode(stored, out);
}

PostingRange Segment::find_subject(const StoredSubject& wanted) const {
  uint64_t low = 0;
  uint64_t high = header_.subjects;
  const StoredSubject key{wanted.type, wanted.is_number, wanted.number, wanted.bytes, {}};
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (subject(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == header_.subjects || subject(low) != key) return {};
  const IntegerColumn& first = integers(Section::kSubjectFirst);
  return {static_cast<uint64_t>(first.at(low)), static_cast<uint64_t>(first.at(low + 1))};
}

PostingRange Segment::find_actor(std::string_view id) const {
  const TextColumn& ids = texts(Section::kActorId);
  uint64_t low = 0;
  uint64_t high = header_.actors;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (ids.at(middle) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  uint64_t end = low;
  while (end < header_.actors && ids.at(end) == id) ++end;
  if (low == end) return {};
  const IntegerColumn& first = integers(Section::kActorFirst);
  return {static_cast<uint64_t>(first.at(low)), static_cast<uint64_t>(first.at(end))};
}

}  // namespace weerbaar::trail

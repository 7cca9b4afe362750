#include "trail/format/segment.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

uint64_t rows_of(const SectionRule& rule, const SegmentHeader& header) {
  if (rule.kind == SectionKind::kBytes) return 0;
  return (rule.rows == nullptr ? kSegmentEntries : header.*rule.rows) + rule.rows_more;
}

std::unexpected<Error> wrong(Section section, std::string_view what) {
  return fail(Code::kCorrupt, fmt::format("section \"{}\" {}", to_string(section), what));
}

// Every value of `column` lies in [0, limit), or the reason why not.
Status check_below(const IntegerColumn& column, uint64_t limit, Section section) {
  return column.lies_below(limit) ? Status() : wrong(section, "points outside its table");
}

// Starts of runs: from 0, never falling, to `total`.
Status check_runs(const IntegerColumn& column, uint64_t total, Section section) {
  int64_t previous = 0;
  for (uint64_t row = 0; row < column.rows(); ++row) {
    const int64_t value = column.at(row);
    if (value < previous || (row == 0 && value != 0)) return wrong(section, "is not ascending");
    previous = value;
  }
  if (static_cast<uint64_t>(previous) != total) return wrong(section, "does not cover its postings");
  return {};
}

// Where each row comes in a stable order by `code`, which is below `codes`.
template <class CodeOf>
std::vector<uint16_t> places_by(uint64_t codes, const CodeOf& code_of) {
  std::vector<uint32_t> next(codes + 1, 0);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) ++next[code_of(row) + 1];
  for (uint64_t code = 1; code < next.size(); ++code) next[code] += next[code - 1];
  std::vector<uint16_t> places(kSegmentEntries);
  for (uint64_t row = 0; row < kSegmentEntries; ++row) places[row] = static_cast<uint16_t>(next[code_of(row)]++);
  return places;
}

}  // namespace

Status Segment::open_column(const SectionRule& rule, const SectionPlace& place, ByteView bytes, uint64_t& budget) {
  const uint64_t rows = rows_of(rule, header_);
  const std::string where = fmt::format("section \"{}\"", rule.name);
  // Postings stand as they are, so that no small file can claim many of them (read_segment_head).
  const bool is_postings = rule.id == Section::kSubjectPostings || rule.id == Section::kActorPostings;
  if (is_postings && place.encoding != Encoding::kIntegers16) {
    return fail(Code::kCorrupt, where + " is not in the encoding of postings");
  }
  if (rule.kind == SectionKind::kIntegers) {
    auto column = IntegerColumn::open(place.encoding, rows, bytes, budget);
    if (!column) return fail_in(where, column.error());
    integers_[slot(rule.id)] = std::move(*column);
  } else if (rule.id == Section::kId && place.encoding == Encoding::kTextsNumbered) {
    auto column = NumberedColumn::open(rows, bytes, budget);
    if (!column) return fail_in(where, column.error());
    ids_are_numbered_ = true;
    numbered_ids_ = std::move(*column);
  } else if (rule.kind == SectionKind::kTexts) {
    auto column = TextColumn::open(place.encoding, rows, bytes, budget);
    if (!column) return fail_in(where, column.error());
    texts_[slot(rule.id)] = std::move(*column);
  } else if (rule.id == Section::kTileHashes) {
    if (bytes.size() != kTileEntries * sizeof(Hash)) return fail(Code::kCorrupt, "the tile hashes are not 256");
    tile_hashes_ = bytes;
  }
  return {};
}

Status Segment::open_columns(ByteView file, const SegmentHead& head, const Wanted& wanted, uint64_t& budget) {
  integers_.resize(kSlots);
  texts_.resize(kSlots);
  const auto rules = section_rules(header_.version);
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!wanted[slot(rules[i].id)]) continue;
    const SectionPlace& place = head.sections[i];
    const ByteView bytes = file.subspan(place.offset, place.length);
    if (XXH3_64bits(bytes.data(), bytes.size()) != place.checksum) {
      return wrong(rules[i].id, "is damaged: its checksum is wrong");
    }
    WEERBAAR_TRY(open_column(rules[i], place, bytes, budget));
  }
  return {};
}

Status Segment::check_codes(const Wanted& wanted) const {
  const std::pair<Section, uint64_t> limits[] = {
      {Section::kActorCode, header_.actors},
      {Section::kApplicationCode, header_.applications},
      {Section::kOperationCode, header_.operations},
      {Section::kListCode, header_.lists},
      {Section::kItemSubject, header_.subjects},
      {Section::kListLength, kSubjectsMax + 1},
      {Section::kActorType, static_cast<uint64_t>(ActorType::kExternal) + 1},
      {Section::kOperationAction, static_cast<uint64_t>(Action::kDecide) + 1},
      {Section::kOperationOutcome, static_cast<uint64_t>(Outcome::kFailure) + 1},
      {Section::kSubjectType, static_cast<uint64_t>(SubjectType::kOther) + 1},
      {Section::kSubjectIsNumber, 2},
      {Section::kBreakGlass, 2},
      {Section::kTimeNanos, 1'000},
      {Section::kPeriod, uint64_t{UINT16_MAX} + 1}};
  for (const auto& [section, limit] : limits) {
    if (wanted[slot(section)]) WEERBAAR_TRY(check_below(integers(section), limit, section));
  }
  return {};
}

// In version 1 every row stands where it arrived.
void Segment::order_rows() {
  if (header_.version == 1) {
    operation_section_ = Section::kApplicationCode;
    place_.resize(kSegmentEntries);
    for (uint64_t row = 0; row < kSegmentEntries; ++row) place_[row] = static_cast<uint16_t>(row);
    return;
  }
  std::vector<int64_t> scratch;
  const auto codes = integers(Section::kActorCode).all(scratch);
  place_ = places_by(header_.actors, [&](uint64_t row) { return static_cast<uint64_t>(codes[row]); });
}

Status Segment::order_ids() {
  if (header_.version == 1) {
    id_place_ = place_;
    return {};
  }
  // Applications of one source follow each other.
  const TextColumn& sources = texts(Section::kApplicationSource);
  std::vector<uint32_t> rank(header_.applications, 0);
  for (uint64_t code = 1; code < header_.applications; ++code) {
    if (sources.at(code) < sources.at(code - 1)) return wrong(Section::kApplicationSource, "is not ascending");
    rank[code] = rank[code - 1] + (sources.at(code) != sources.at(code - 1) ? 1 : 0);
  }
  std::vector<int64_t> scratch;
  const auto codes = integers(Section::kApplicationCode).all(scratch);
  id_place_ =
      places_by(header_.applications, [&](uint64_t row) { return rank[static_cast<size_t>(codes[place_[row]])]; });
  return {};
}

// Version 1 says whom an entry concerns in the postings of the subjects only: they are grouped by row.
Status Segment::take_postings() {
  const IntegerColumn& first = integers(Section::kSubjectFirst);
  WEERBAAR_TRY(check_below(integers(Section::kActorPostings), kSegmentEntries, Section::kActorPostings));
  WEERBAAR_TRY(check_below(integers(Section::kSubjectPostings), kSegmentEntries, Section::kSubjectPostings));
  WEERBAAR_TRY(check_runs(integers(Section::kActorFirst), kSegmentEntries, Section::kActorFirst));
  WEERBAAR_TRY(check_runs(first, header_.items, Section::kSubjectFirst));
  list_first_.assign(kSegmentEntries + 1, 0);
  std::vector<int64_t> rows(header_.items);
  integers(Section::kSubjectPostings).read_all(rows);
  for (const int64_t row : rows) ++list_first_[static_cast<size_t>(row) + 1];
  for (size_t row = 1; row < list_first_.size(); ++row) list_first_[row] += list_first_[row - 1];
  item_subject_.resize(header_.items);
  item_posting_.resize(header_.items);
  std::vector<uint32_t> next(list_first_.begin(), list_first_.end() - 1);
  // Postings stand in the order of their subjects, so a row's subjects come out ascending.
  for (uint64_t code = 0; code < header_.subjects; ++code) {
    const auto end = static_cast<uint64_t>(first.at(code + 1));
    for (auto posting = static_cast<uint64_t>(first.at(code)); posting < end; ++posting) {
      const uint32_t item = next[static_cast<size_t>(rows[posting])]++;
      item_subject_[item] = static_cast<uint32_t>(code);
      item_posting_[item] = static_cast<uint32_t>(posting);
    }
  }
  return {};
}

Status Segment::take_lists(uint64_t& budget) {
  const uint64_t bytes = header_.items * sizeof(uint32_t);
  if (bytes > budget) return wrong(Section::kItemSubject, "grows beyond what a segment of this size may hold");
  budget -= bytes;
  const IntegerColumn& lengths = integers(Section::kListLength);
  list_first_.assign(header_.lists + 1, 0);
  uint64_t items = 0;
  for (uint64_t list = 0; list < header_.lists; ++list) {
    items += static_cast<uint64_t>(lengths.at(list));
    list_first_[list + 1] = static_cast<uint32_t>(items);
  }
  if (items != header_.items) return wrong(Section::kListLength, "does not cover the items of the lists");
  const IntegerColumn& subjects = integers(Section::kItemSubject);
  std::vector<int64_t> scratch;
  item_subject_.reserve(items);
  for (const int64_t subject : subjects.all(scratch)) item_subject_.push_back(static_cast<uint32_t>(subject));
  return {};
}

Result<Segment> Segment::open(ByteView file, const Wanted& wanted) {
  Segment segment;
  WEERBAAR_ASSIGN(const SegmentHead head, read_segment_head(file));
  segment.header_ = head.header;
  uint64_t budget = segment_memory_bytes_max(file.size());
  WEERBAAR_TRY(segment.open_columns(file, head, wanted, budget));
  WEERBAAR_TRY(segment.check_codes(wanted));
  if (wanted[slot(Section::kActorCode)]) segment.order_rows();
  if (wanted[slot(Section::kId)]) WEERBAAR_TRY(segment.order_ids());
  if (wanted[slot(Section::kOpaque)]) segment.texts(Section::kOpaque).rows_with_text(segment.record_rows_);
  for (const uint32_t row : segment.record_rows_) segment.is_record_.set(row);
  if (segment.header_.version == 1) {
    if (wanted[slot(Section::kSubjectPostings)]) WEERBAAR_TRY(segment.take_postings());
  } else if (wanted[slot(Section::kListCode)]) {
    WEERBAAR_TRY(segment.take_lists(budget));
  }
  return segment;
}

Result<Segment> Segment::open(ByteView file) {
  return open(file, Wanted().set());
}

Result<Segment> Segment::open(ByteView file, std::span<const Section> sections) {
  Wanted wanted;
  for (const Section section : sections) wanted.set(slot(section));
  return open(file, wanted);
}

Hash Segment::tile_hash(uint64_t tile) const {
  Hash hash;
  const ByteView bytes = tile_hashes_.subspan(tile * hash.size(), hash.size());
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

void Segment::id(uint64_t row, std::string& text) const {
  if (ids_are_numbered_) {
    numbered_ids_.append(id_place_[row], text);
  } else {
    text += texts(Section::kId).at(id_place_[row]);
  }
}

StoredActor Segment::actor(uint64_t code) const {
  return {texts(Section::kActorId).at(code), static_cast<ActorType>(integers(Section::kActorType).at(code)),
          texts(Section::kActorFunction).at(code), texts(Section::kActorUnit).at(code)};
}

StoredShape Segment::application(uint64_t code) const {
  StoredShape shape;
  shape.source = texts(Section::kApplicationSource).at(code);
  shape.system = texts(Section::kApplicationSystem).at(code);
  shape.data = texts(Section::kApplicationData).at(code);
  shape.processing_activity = texts(Section::kApplicationActivity).at(code);
  shape.legal_basis = texts(Section::kApplicationLegalBasis).at(code);
  return shape;
}

StoredShape Segment::shape(uint64_t application_code, uint64_t operation_code) const {
  StoredShape shape = application(application_code);
  const StoredShape what = operation(operation_code);
  shape.action = what.action;
  shape.component = what.component;
  shape.outcome = what.outcome;
  return shape;
}

StoredShape Segment::operation(uint64_t code) const {
  StoredShape shape;
  shape.action = static_cast<Action>(integers(Section::kOperationAction).at(code));
  shape.component = texts(Section::kOperationComponent).at(code);
  shape.outcome = static_cast<Outcome>(integers(Section::kOperationOutcome).at(code));
  return shape;
}

StoredSubject Segment::subject(uint64_t code) const {
  StoredSubject subject;
  subject.type = static_cast<SubjectType>(integers(Section::kSubjectType).at(code));
  subject.is_number = integers(Section::kSubjectIsNumber).at(code) != 0;
  subject.number = static_cast<uint64_t>(integers(Section::kSubjectNumber).at(code));
  subject.bytes = texts(Section::kSubjectBytes).at(code);
  return subject;
}

StoredSubject Segment::item(uint32_t item) const {
  StoredSubject found = subject(item_subject_[item]);
  found.role =
      header_.version == 1 ? texts(Section::kSubjectRole).at(item_posting_[item]) : texts(Section::kItemRole).at(item);
  return found;
}

bool Segment::event(uint64_t row, StoredEvent& event, EventMemory& memory) const {
  if (!is_event(row)) return false;
  const uint64_t place = place_[row];
  const auto text = [&](Section section) { return texts(section).at(place); };
  memory.subjects.clear();
  const auto [first, end] = items_of(list_of(row));
  for (uint32_t i = first; i < end; ++i) memory.subjects.push_back(item(i));
  memory.id.clear();
  id(row, memory.id);
  event.id = memory.id;
  event.time = time(row);
  event.received_ms = integers(Section::kReceived).at(row);
  event.period = period(row);
  event.actor = actor(actor_code(row));
  event.shape = shape(application_code(row), operation_code(row));
  event.subjects = memory.subjects;
  const auto records = static_cast<uint64_t>(integers(Section::kRecords).at(place));
  event.records = records == 0 ? std::nullopt : std::optional<uint64_t>(records - 1);
  event.case_id = text(Section::kCase);
  event.query = text(Section::kQuery);
  event.break_glass = integers(Section::kBreakGlass).at(place) != 0;
  event.trace_id = text(Section::kTraceId);
  event.span_id = text(Section::kSpanId);
  event.parent_span_id = text(Section::kParentSpanId);
  event.marks = static_cast<uint64_t>(integers(Section::kMarks).at(place));
  event.on_behalf_of = text(Section::kOnBehalfOf);
  event.reason = text(Section::kReason);
  event.terminal = text(Section::kTerminal);
  event.ip = text(Section::kIp);
  event.location = text(Section::kLocation);
  event.attributes = text(Section::kAttributes);
  return true;
}

void Segment::entry(uint64_t row, Bytes& out) const {
  const std::string_view bytes = opaque(row);
  if (!bytes.empty()) {
    append(out, as_bytes(bytes));
    return;
  }
  thread_local EventMemory memory;
  StoredEvent stored;
  event(row, stored, memory);
  encode(stored, out);
}

}  // namespace weerbaar::trail

#include "trail/verify/segment_parts.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/utf8.h"

namespace weerbaar::trail {
namespace {

// The least that makes an event.
StoredEvent plain_event() {
  StoredEvent event;
  event.id = "1";
  event.actor.id = "1";
  event.shape.source = "1";
  event.shape.system = "1";
  return event;
}

bool all_of(std::span<const uint8_t> values) {
  return std::ranges::find(values, 0) == values.end();
}

}  // namespace

bool is_same_event(const StoredEvent& a, const StoredEvent& b) {
  return a.id == b.id && a.time == b.time && a.received_ms == b.received_ms && a.period == b.period &&
         a.actor == b.actor && a.shape == b.shape && std::ranges::equal(a.subjects, b.subjects) &&
         a.records == b.records && a.case_id == b.case_id && a.query == b.query && a.break_glass == b.break_glass &&
         a.trace_id == b.trace_id && a.span_id == b.span_id && a.parent_span_id == b.parent_span_id &&
         a.marks == b.marks && a.on_behalf_of == b.on_behalf_of && a.reason == b.reason && a.terminal == b.terminal &&
         a.ip == b.ip && a.location == b.location && a.attributes == b.attributes;
}

SegmentParts::SegmentParts(const Segment& segment) : segment_(segment) {
  check_actors();
  check_applications();
  check_operations();
  check_lists();
  columns_are_right_ = check_texts() && check_numbers();
  all_are_right_ =
      columns_are_right_ && all_of(operations_) && all_of(lists_) && all_of(lists_fit_) && only_records_are_blank();
}

// Records have the actor and the application of empty texts, which no event has; those come first in their tables.
bool SegmentParts::only_records_are_blank() const {
  if (!all_of(std::span(actors_).subspan(1)) || !all_of(std::span(applications_).subspan(1))) return false;
  if (actors_[0] && applications_[0]) return true;
  // When as many rows are blank as there are records, and those are, nothing else is: the usual case.
  const auto blanks = [&](Section section) {
    size_t count = 0;
    segment_.integers(section).visit([&](uint64_t, std::span<const int64_t> values) {
      count += static_cast<size_t>(std::ranges::count(values, 0));
    });
    return count;
  };
  const auto records = segment_.record_rows();
  const auto is_blank = [&](uint32_t row) {
    return segment_.actor_code(row) == 0 && segment_.application_code(row) == 0;
  };
  if (blanks(Section::kActorCode) == records.size() && blanks(Section::kApplicationCode) == records.size() &&
      std::ranges::all_of(records, is_blank)) {
    return true;
  }
  for (uint64_t row = 0; row < kSegmentEntries; ++row) {
    const bool is_right = actors_[segment_.actor_code(row)] && applications_[segment_.application_code(row)];
    if (!is_right && segment_.is_event(row)) return false;
  }
  return true;
}

bool SegmentParts::comes_back(const StoredEvent& example) {
  bytes_.clear();
  encode(example, bytes_);
  return decoded_.decode(bytes_) && decoded_.is_event() && is_same_event(decoded_.event(), example);
}

// Numbers that are no type, action … are refused when a segment is opened.
void SegmentParts::check_actors() {
  for (uint64_t code = 0; code < segment_.header().actors; ++code) {
    const StoredActor actor = segment_.actor(code);
    actors_.push_back(!actor.id.empty() && is_utf8(actor.function) && is_utf8(actor.unit));
  }
}

// Many applications have the same data, which alone must be decoded.
void SegmentParts::check_applications() {
  StoredEvent example = plain_event();
  std::string_view known;
  bool known_is_right = true;  // no data
  for (uint64_t code = 0; code < segment_.header().applications; ++code) {
    const StoredShape shape = segment_.application(code);
    if (shape.data != known) {
      example.shape.data = known = shape.data;
      known_is_right = comes_back(example);
    }
    applications_.push_back(known_is_right && !shape.source.empty() && is_utf8(shape.source) && !shape.system.empty() &&
                            is_utf8(shape.system) && is_utf8(shape.processing_activity) && is_utf8(shape.legal_basis));
  }
}

void SegmentParts::check_operations() {
  for (uint64_t code = 0; code < segment_.header().operations; ++code) {
    operations_.push_back(is_utf8(segment_.operation(code).component));
  }
}

void SegmentParts::check_lists() {
  for (uint64_t list = 0; list < segment_.lists(); ++list) {
    const auto [first, end] = segment_.items_of(list);
    uint64_t bytes = 0;
    for (uint32_t item = first; item < end && bytes <= kEntryBytesMax; ++item) {
      const StoredSubject subject = segment_.item(item);
      bytes += subject.bytes.size() + subject.role.size();
    }
    lists_fit_.push_back(end - first <= kSubjectsMax && bytes <= kEntryBytesMax);
    lists_.push_back(lists_fit_.back() && is_canonical(first, end));
  }
}

// Ascending, each once; a number or bytes, never both.
bool SegmentParts::is_canonical(uint32_t first, uint32_t end) const {
  StoredSubject before;
  for (uint32_t item = first; item < end; ++item) {
    const StoredSubject subject = segment_.item(item);
    const bool is_one = subject.is_number ? subject.number <= kRecordsMax && subject.bytes.empty()
                                          : subject.number == 0 && !subject.bytes.empty();
    if (!is_one || !is_utf8(subject.role)) return false;
    if (item > first && !(before < subject)) return false;
    before = subject;
  }
  return true;
}

// Bytes of any kind are right; texts, and what is encoded already, may not be.
bool SegmentParts::check_texts() {
  for (const Section section : {Section::kCase, Section::kLocation}) {
    const TextColumn& column = segment_.texts(section);
    for (uint64_t item = 0; item < column.items(); ++item) {
      if (!is_utf8(column.item(item))) return false;
    }
  }
  StoredEvent example = plain_event();
  const TextColumn& attributes = segment_.texts(Section::kAttributes);
  for (uint64_t item = 0; item < attributes.items(); ++item) {
    example.attributes = attributes.item(item);
    if (!example.attributes.empty() && !comes_back(example)) return false;
  }
  return true;
}

bool SegmentParts::check_numbers() const {
  constexpr auto kLargest = static_cast<int64_t>(kRecordsMax);
  // Of records there is one more: 0 says that there is no number.
  return lies_between(Section::kTime, kMicrosMin, kMicrosMax) && lies_between(Section::kReceived, 0, INT64_MAX) &&
         lies_between(Section::kRecords, 0, kLargest + 1) && lies_between(Section::kMarks, 0, kLargest);
}

bool SegmentParts::lies_between(Section section, int64_t low, int64_t high) const {
  const IntegerColumn& column = segment_.integers(section);
  if (column.is_constant()) return column.at(0) >= low && column.at(0) <= high;
  bool all_lie_there = true;
  column.visit([&](uint64_t, std::span<const int64_t> values) {
    const auto [least, greatest] = std::ranges::minmax(values);
    all_lie_there = all_lie_there && least >= low && greatest <= high;
  });
  return all_lie_there;
}

}  // namespace weerbaar::trail

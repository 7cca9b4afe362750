#include "trail/format/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <type_traits>

#include "trail/format/cbor.h"
#include "trail/format/cbor_pen.h"
#include "trail/format/entry_keys.h"

namespace weerbaar::trail {

using namespace entry_key;

namespace {

enum class Form : uint8_t { kText, kBytes, kEncoded, kCount, kNumber, kFlag };

struct RareField {
  Section section;
  Key key;
  Form form;
};

// The fields behind the subjects, ascending by their keys.
constexpr RareField kRareFields[] = {{Section::kRecords, kRecords, Form::kCount},
                                     {Section::kCase, kCase, Form::kText},
                                     {Section::kQuery, kQuery, Form::kBytes},
                                     {Section::kBreakGlass, kBreakGlass, Form::kFlag},
                                     {Section::kTraceId, kTraceId, Form::kBytes},
                                     {Section::kSpanId, kSpanId, Form::kBytes},
                                     {Section::kMarks, kMarks, Form::kNumber},
                                     {Section::kOnBehalfOf, kOnBehalfOf, Form::kBytes},
                                     {Section::kReason, kReason, Form::kBytes},
                                     {Section::kTerminal, kTerminal, Form::kBytes},
                                     {Section::kIp, kIp, Form::kBytes},
                                     {Section::kLocation, kLocation, Form::kText},
                                     {Section::kParentSpanId, kParentSpanId, Form::kBytes},
                                     {Section::kAttributes, kAttributes, Form::kEncoded}};

bool is_text(Form form) {
  return form == Form::kText || form == Form::kBytes || form == Form::kEncoded;
}

unsigned add_text(Key key, std::string_view value, Bytes& out) {
  if (value.empty()) return 0;
  CborWriter cbor(out);
  cbor.integer(key);
  cbor.text(value);
  return 1;
}
unsigned add_bytes(Key key, std::string_view value, Bytes& out) {
  if (value.empty()) return 0;
  CborWriter cbor(out);
  cbor.integer(key);
  cbor.bytes(as_bytes(value));
  return 1;
}
unsigned add_encoded(Key key, std::string_view item, Bytes& out) {
  if (item.empty()) return 0;
  CborWriter(out).integer(key);
  append(out, as_bytes(item));
  return 1;
}
template <class Number>
unsigned add_number(Key key, Number value, Bytes& out) {
  CborWriter cbor(out);
  cbor.integer(key);
  cbor.integer(static_cast<int64_t>(value));
  return 1;
}

unsigned add_item(const RareField& field, std::string_view item, Bytes& out) {
  switch (field.form) {
    case Form::kText:
      return add_text(field.key, item, out);
    case Form::kBytes:
      return add_bytes(field.key, item, out);
    default:
      return add_encoded(field.key, item, out);
  }
}

}  // namespace

SegmentScan::SegmentScan(const Segment& segment) : segment_(segment) {
  is_slow_ = !take_actors() || !take_applications() || !take_operations() || !take_lists() || !take_rare();
  numbered_ids_ = segment.numbered_ids();
  if (is_slow_) return;
  actors_.close();
  applications_.close();
  operations_.close();
  lists_.close();
  // The eight items are the head, times and the id.
  row_bytes_max_ = actors_.longest() + applications_.longest() + operations_.longest() + lists_.longest() +
                   8 * CborPen::kItemBytesMax + kSpareBytes;
  for (Rare& rare : rare_) {
    rare.pieces.close();
    row_bytes_max_ += rare.pieces.longest() + CborPen::kItemBytesMax;
  }
  if (numbered_ids_ != nullptr) row_bytes_max_ += numbered_ids_->bytes_max() + NumberedColumn::kSpareBytes;
  take_rows();
}

void SegmentScan::take_rows() {
  static_assert(kSegmentEntries - 1 == UINT16_MAX);
  const auto take = [&](Section section, auto& to) {
    using Value = typename std::remove_reference_t<decltype(to)>::value_type;
    to.resize(kSegmentEntries);
    segment_.integers(section).visit([&](uint64_t first, std::span<const int64_t> values) {
      for (size_t i = 0; i < values.size(); ++i) to[first + i] = static_cast<Value>(values[i]);
    });
  };
  take(Section::kTime, micros_);
  take(Section::kReceived, received_);
  take(Section::kPeriod, periods_);
  take(Section::kActorCode, actor_codes_);
  const IntegerColumn& nanos = segment_.integers(Section::kTimeNanos);
  if (!nanos.is_constant() || nanos.at(0) != 0) take(Section::kTimeNanos, nanos_);
  codes_.resize(kSegmentEntries);
  const auto take_codes = [&](Section section, uint16_t Codes::* code) {
    segment_.integers(section).visit([&](uint64_t first, std::span<const int64_t> values) {
      for (size_t i = 0; i < values.size(); ++i) codes_[first + i].*code = static_cast<uint16_t>(values[i]);
    });
  };
  const bool is_version_1 = segment_.header().version == 1;
  take_codes(Section::kApplicationCode, &Codes::application);
  take_codes(is_version_1 ? Section::kApplicationCode : Section::kOperationCode, &Codes::operation);
  if (!is_version_1) return take_codes(Section::kListCode, &Codes::list);
  for (uint64_t place = 0; place < kSegmentEntries; ++place) codes_[place].list = static_cast<uint16_t>(place);
}

bool SegmentScan::fits() const {
  return actors_.bytes.size() + applications_.bytes.size() + operations_.bytes.size() + lists_.bytes.size() +
             rare_bytes_ <=
         kPieceBytesMax;
}

bool SegmentScan::take_actors() {
  for (uint64_t code = 0; code < segment_.header().actors && fits(); ++code) {
    const StoredActor actor = segment_.actor(code);
    unsigned fields = 1;
    add_bytes(kActorId, actor.id, actors_.bytes);
    if (actor.type != ActorType::kEmployee) fields += add_number(kActorType, actor.type, actors_.bytes);
    fields += add_text(kFunction, actor.function, actors_.bytes);
    fields += add_text(kUnit, actor.unit, actors_.bytes);
    actors_.end_row(fields);
  }
  return fits();
}

bool SegmentScan::take_applications() {
  Bytes& bytes = applications_.bytes;
  for (uint64_t code = 0; code < segment_.header().applications && fits(); ++code) {
    const StoredShape shape = segment_.application(code);
    unsigned fields = 2;
    add_text(kSource, shape.source, bytes);
    applications_.end();
    add_text(kSystem, shape.system, bytes);
    applications_.end();
    fields += add_encoded(kData, shape.data, bytes);
    fields += add_text(kProcessingActivity, shape.processing_activity, bytes);
    fields += add_text(kLegalBasis, shape.legal_basis, bytes);
    applications_.end_row(fields);
  }
  return fits();
}

bool SegmentScan::take_operations() {
  Bytes& bytes = operations_.bytes;
  for (uint64_t code = 0; code < segment_.header().operations && fits(); ++code) {
    const StoredShape shape = segment_.operation(code);
    unsigned fields = 1;
    add_number(kAction, shape.action, bytes);
    operations_.end();
    fields += add_text(kComponent, shape.component, bytes);
    operations_.end();
    if (shape.outcome != Outcome::kSuccess) fields += add_number(kOutcome, shape.outcome, bytes);
    operations_.end_row(fields);
  }
  return fits();
}

bool SegmentScan::take_lists() {
  // In version 1 every row is a list of its own: the pieces of as many rows as a segment has.
  const uint64_t lists = segment_.lists();
  for (uint64_t list = 0; list < lists && fits(); ++list) {
    const auto [first, end] = segment_.items_of(list);
    if (first != end) {
      CborWriter cbor(lists_.bytes);
      cbor.integer(kSubjects);
      cbor.array(end - first);
      for (uint32_t item = first; item < end; ++item) {
        const StoredSubject subject = segment_.item(item);
        cbor.array(subject.role.empty() ? 2 : 3);
        cbor.integer(static_cast<int64_t>(subject.type));
        if (subject.is_number) {
          cbor.integer(static_cast<int64_t>(subject.number));
        } else {
          cbor.bytes(as_bytes(subject.bytes));
        }
        if (!subject.role.empty()) cbor.text(subject.role);
        if (lists_.bytes.size() > kPieceBytesMax) return false;
      }
    }
    lists_.end_row(first == end ? 0 : 1);
  }
  return fits();
}

bool SegmentScan::take_rare() {
  for (size_t number = 0; number < std::size(kRareFields); ++number) {
    const RareField& field = kRareFields[number];
    Rare rare;
    rare.field = static_cast<uint8_t>(number);
    if (!is_text(field.form)) {
      const IntegerColumn& column = segment_.integers(field.section);
      if (column.is_constant() && column.at(0) == 0) continue;
      rare.numbers.resize(column.rows());
      column.read_all(rare.numbers);
      rare_.push_back(std::move(rare));
      continue;
    }
    const TextColumn& column = segment_.texts(field.section);
    if (column.is_constant() && column.at(0).empty()) continue;
    const size_t before = rare_bytes_;
    for (uint64_t item = 0; item < column.items() && fits(); ++item) {
      rare.pieces.end_row(add_item(field, column.item(item), rare.pieces.bytes));
      rare_bytes_ = before + rare.pieces.bytes.size();
    }
    if (!fits()) return false;
    const std::vector<uint32_t> items = column.item_numbers();
    rare.items.assign(items.begin(), items.end());
    rare_.push_back(std::move(rare));
  }
  return true;
}

unsigned SegmentScan::rare_fields(uint64_t place) const {
  unsigned fields = 0;
  for (const Rare& rare : rare_) {
    fields += rare.numbers.empty() ? rare.pieces.fields(rare.items[place]) : rare.numbers[place] != 0 ? 1U : 0U;
  }
  return fields;
}

uint8_t* SegmentScan::write_rare(const Rare& rare, uint64_t place, uint8_t* to) const {
  if (rare.numbers.empty()) return rare.pieces.copy(rare.items[place], 0, to);
  const int64_t value = rare.numbers[place];
  if (value == 0) return to;
  const RareField& field = kRareFields[rare.field];
  CborPen pen(to);
  pen.integer(field.key);
  if (field.form == Form::kFlag) {
    pen.boolean(true);
  } else {
    pen.integer(field.form == Form::kCount ? static_cast<int64_t>(static_cast<uint64_t>(value) - 1) : value);
  }
  return pen.at();
}

uint8_t* SegmentScan::write_id(uint64_t row, uint8_t* to) {
  CborPen pen(to);
  if (numbered_ids_ == nullptr) {
    id_ = segment_.texts(Section::kId).at(segment_.id_place(row));
    if (id_.empty()) return to;
    pen.integer(kId);
    pen.text(id_);
    return pen.at();
  }
  // A head takes one byte for the key, and one for the length of nearly every id.
  constexpr size_t kShortMax = 23;
  uint8_t* const text = to + 2;
  const auto size = static_cast<size_t>(numbered_ids_->write(segment_.id_place(row), text) - text);
  id_ = as_text({text, size});
  if (size == 0) return to;
  if (size <= kShortMax) {
    to[0] = static_cast<uint8_t>(kId);
    to[1] = static_cast<uint8_t>(0x60U | size);
    return text + size;
  }
  id_text_ = id_;
  pen.integer(kId);
  pen.text(id_text_);
  id_ = id_text_;
  return pen.at();
}

uint8_t* SegmentScan::write_times(uint64_t row, uint8_t* to) const {
  CborPen pen(to);
  const unsigned nanos = nanos_.empty() ? 0 : nanos_[row];
  pen.integer(kTime);
  if (nanos != 0) pen.array(2);
  pen.integer(micros_[row]);
  if (nanos != 0) pen.integer(nanos);
  pen.integer(kReceived);
  pen.integer(received_[row]);
  pen.integer(kPeriod);
  pen.integer(periods_[row]);
  return pen.at();
}

// What rows need lies scattered over more memory than the caches near the processor hold. They are mostly asked for one
// after another: what a row points to is fetched some rows before, and what that points to some rows later. Inlined,
// for a function that only fetches ahead seems to have no effect, and calls of it are left out.
[[gnu::always_inline]] inline void SegmentScan::prefetch(uint64_t row) const {
  constexpr uint64_t kSteps = 6;
  if (row + 3 * kSteps >= kSegmentEntries) return;
  const uint64_t far = row + 3 * kSteps;
  __builtin_prefetch(&codes_[segment_.place(far)]);
  if (numbered_ids_ != nullptr) numbered_ids_->prefetch(segment_.id_place(far));
  for (const Rare& rare : rare_) {
    if (rare.items.empty()) {
      __builtin_prefetch(&rare.numbers[segment_.place(far)]);
    } else {
      __builtin_prefetch(&rare.items[segment_.place(far)]);
    }
  }
  const uint64_t middle = segment_.place(row + 2 * kSteps);
  lists_.prefetch_row(codes_[middle].list);
  applications_.prefetch_row(codes_[middle].application);
  actors_.prefetch_row(actor_codes_[row + 2 * kSteps]);
  for (const Rare& rare : rare_) {
    if (!rare.items.empty()) rare.pieces.prefetch_row(rare.items[middle]);
  }
  const uint64_t near = segment_.place(row + kSteps);
  lists_.prefetch_bytes(codes_[near].list);
  applications_.prefetch_bytes(codes_[near].application);
  actors_.prefetch_bytes(actor_codes_[row + kSteps]);
  for (const Rare& rare : rare_) {
    if (!rare.items.empty()) rare.pieces.prefetch_bytes(rare.items[near]);
  }
}

// There is room for row_bytes_max_ bytes, and for the text of an id that is not numbered.
uint8_t* SegmentScan::write_event(uint64_t row, uint8_t* to) {
  prefetch(row);
  const uint64_t place = segment_.place(row);
  const uint64_t actor = actor_codes_[row];
  const auto [application, operation, list] = codes_[place];
  constexpr unsigned kAlways = 4;  // id, time, received, period
  CborPen pen(to);
  pen.map(kAlways + actors_.fields(actor) + applications_.fields(application) + operations_.fields(operation) +
          lists_.fields(list) + rare_fields(place));
  to = write_times(row, write_id(row, pen.at()));
  to = actors_.copy(actor, 0, to);
  to = applications_.copy(application, 0, to);
  to = operations_.copy(operation, 0, to);
  to = applications_.copy(application, 1, to);
  to = operations_.copy(operation, 1, to);
  to = applications_.copy(application, 2, to);
  to = operations_.copy(operation, 2, to);
  to = lists_.copy(list, 0, to);
  for (const Rare& rare : rare_) to = write_rare(rare, place, to);
  return to;
}

size_t SegmentScan::write_slowly(uint64_t row, Bytes& memory, size_t at) {
  slow_.clear();
  segment_.entry(row, slow_);
  id_text_.clear();
  if (segment_.is_event(row)) segment_.id(row, id_text_);
  id_ = id_text_;
  if (slow_.size() > kEntryBytesMax) return 0;
  if (memory.size() < at + slow_.size()) memory.resize(at + slow_.size());
  std::ranges::copy(slow_, memory.begin() + static_cast<std::ptrdiff_t>(at));
  return slow_.size();
}

size_t SegmentScan::write(uint64_t row, Bytes& memory, size_t at) {
  if (is_slow_ || !segment_.is_event(row)) return write_slowly(row, memory, at);
  size_t room = row_bytes_max_;
  if (numbered_ids_ == nullptr) room += segment_.texts(Section::kId).at(segment_.id_place(row)).size();
  if (memory.size() < at + room) memory.resize(2 * at + room);
  uint8_t* const begin = memory.data() + at;
  const auto size = static_cast<size_t>(write_event(row, begin) - begin);
  return size <= kEntryBytesMax ? size : 0;
}

bool SegmentScan::append(uint64_t row, Bytes& out) {
  const size_t size = write(row, entry_, 0);
  weerbaar::append(out, ByteView(entry_).first(size));
  return size > 0;
}

}  // namespace weerbaar::trail

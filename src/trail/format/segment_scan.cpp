#include "trail/format/segment_scan.h"

#include <iterator>

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

}  // namespace

SegmentScan::SegmentScan(const Segment& segment) : segment_(segment) {
  is_slow_ = !take_actors() || !take_applications() || !take_operations() || !take_lists();
  for (uint8_t number = 0; number < std::size(kRareFields); ++number) {
    const RareField& field = kRareFields[number];
    const bool is_empty =
        is_text(field.form)
            ? segment.texts(field.section).is_constant() && segment.texts(field.section).at(0).empty()
            : segment.integers(field.section).is_constant() && segment.integers(field.section).at(0) == 0;
    if (!is_empty) rare_.push_back(number);
  }
}

bool SegmentScan::fits() const {
  return actors_.bytes.size() + applications_.bytes.size() + operations_.bytes.size() + lists_.bytes.size() <=
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
    actors_.end();
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
    applications_.end();
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
    operations_.end();
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
    lists_.end();
    lists_.end_row(first == end ? 0 : 1);
  }
  return fits();
}

unsigned SegmentScan::take_rare(uint64_t place) {
  rare_bytes_.clear();
  unsigned fields = 0;
  for (const uint8_t number : rare_) {
    const RareField& field = kRareFields[number];
    if (field.form == Form::kText) {
      fields += add_text(field.key, segment_.texts(field.section).at(place), rare_bytes_);
    } else if (field.form == Form::kBytes) {
      fields += add_bytes(field.key, segment_.texts(field.section).at(place), rare_bytes_);
    } else if (field.form == Form::kEncoded) {
      fields += add_encoded(field.key, segment_.texts(field.section).at(place), rare_bytes_);
    } else if (const int64_t value = segment_.integers(field.section).at(place); value != 0) {
      if (field.form == Form::kFlag) {
        CborWriter cbor(rare_bytes_);
        cbor.integer(field.key);
        cbor.boolean(true);
        ++fields;
      } else {
        fields += add_number(field.key, field.form == Form::kCount ? value - 1 : value, rare_bytes_);
      }
    }
  }
  return fields;
}

bool SegmentScan::append(uint64_t row, Bytes& out) {
  const size_t begin = out.size();
  id_.clear();
  if (is_slow_ || !segment_.is_event(row)) {
    segment_.entry(row, out);
    if (segment_.is_event(row)) segment_.id(row, id_);
    if (out.size() - begin <= kEntryBytesMax) return true;
    out.resize(begin);
    return false;
  }
  segment_.id(row, id_);
  const uint64_t actor = segment_.actor_code(row);
  const uint64_t application = segment_.application_code(row);
  const uint64_t operation = segment_.operation_code(row);
  const uint64_t list = segment_.list_of(row);
  constexpr unsigned kAlways = 4;  // id, time, received, period
  const unsigned fields = kAlways + actors_.fields(actor) + applications_.fields(application) +
                          operations_.fields(operation) + lists_.fields(list) + take_rare(segment_.place(row));
  const std::string_view pieces[] = {actors_.piece(actor),
                                     applications_.piece(3 * application),
                                     operations_.piece(3 * operation),
                                     applications_.piece(3 * application + 1),
                                     operations_.piece(3 * operation + 1),
                                     applications_.piece(3 * application + 2),
                                     operations_.piece(3 * operation + 2),
                                     lists_.piece(list),
                                     as_text(rare_bytes_)};
  size_t bytes_max = id_.size() + 8 * CborPen::kItemBytesMax;
  for (const std::string_view piece : pieces) bytes_max += piece.size();
  out.resize(begin + bytes_max);
  CborPen pen(out.data() + begin);
  pen.map(fields);
  if (!id_.empty()) {
    pen.integer(kId);
    pen.text(id_);
  }
  const Time time = segment_.time(row);
  pen.integer(kTime);
  if (time.nanos != 0) pen.array(2);
  pen.integer(time.micros);
  if (time.nanos != 0) pen.integer(time.nanos);
  pen.integer(kReceived);
  pen.integer(segment_.integers(Section::kReceived).at(row));
  pen.integer(kPeriod);
  pen.integer(segment_.period(row));
  for (const std::string_view piece : pieces) pen.encoded(piece);
  const auto size = static_cast<size_t>(pen.at() - out.data()) - begin;
  out.resize(size <= kEntryBytesMax ? begin + size : begin);
  return size <= kEntryBytesMax;
}

}  // namespace weerbaar::trail

#include "trail/format/entry.h"

#include <algorithm>

#include "trail/format/cbor.h"
#include "trail/format/cbor_pen.h"
#include "trail/format/entry_keys.h"

namespace weerbaar::trail {

using namespace entry_key;

namespace {

constexpr int64_t kKindRecord = 1;
enum RecordKey : int64_t { kRecordType = 1, kRecordReceived = 2, kRecordBody = 3 };

constexpr auto kActorTypeMax = static_cast<uint64_t>(ActorType::kExternal);
constexpr auto kActionMax = static_cast<uint64_t>(Action::kDecide);
constexpr auto kSubjectTypeMax = static_cast<uint64_t>(SubjectType::kOther);
constexpr auto kOutcomeMax = static_cast<uint64_t>(Outcome::kFailure);

unsigned count_fields(const StoredEvent& e) {
  unsigned count = 8;  // id, time, received, period, actor id, source, action, system
  count += e.actor.type != ActorType::kEmployee;
  count += e.shape.outcome != Outcome::kSuccess;
  count += !e.subjects.empty();
  count += e.records.has_value();
  count += e.break_glass;
  count += e.marks != 0;
  for (const std::string_view text :
       {e.actor.function, e.actor.unit, e.shape.component, e.shape.data, e.shape.processing_activity,
        e.shape.legal_basis, e.case_id, e.query, e.trace_id, e.span_id, e.on_behalf_of, e.reason, e.terminal, e.ip,
        e.location, e.parent_span_id, e.attributes}) {
    count += !text.empty();
  }
  return count;
}

void encode_subjects(std::span<const StoredSubject> subjects, CborPen& pen) {
  pen.integer(kSubjects);
  pen.array(subjects.size());
  for (const StoredSubject& subject : subjects) {
    pen.array(subject.role.empty() ? 2 : 3);
    pen.integer(static_cast<int64_t>(subject.type));
    if (subject.is_number) {
      pen.integer(static_cast<int64_t>(subject.number));
    } else {
      pen.bytes(subject.bytes);
    }
    if (!subject.role.empty()) pen.text(subject.role);
  }
}

// Bytes that an event takes at most.
size_t encoded_bytes_max(const StoredEvent& e, unsigned fields) {
  constexpr size_t kItemsBeside = 3;  // the map, and a time with nanoseconds
  constexpr size_t kItemsOfSubject = 4;
  size_t bytes = (fields + kItemsBeside) * CborPen::kItemBytesMax;
  for (const std::string_view text : {e.id,
                                      e.actor.id,
                                      e.actor.function,
                                      e.actor.unit,
                                      e.shape.source,
                                      e.shape.system,
                                      e.shape.component,
                                      e.shape.data,
                                      e.shape.processing_activity,
                                      e.shape.legal_basis,
                                      e.case_id,
                                      e.query,
                                      e.trace_id,
                                      e.span_id,
                                      e.on_behalf_of,
                                      e.reason,
                                      e.terminal,
                                      e.ip,
                                      e.location,
                                      e.parent_span_id,
                                      e.attributes}) {
    bytes += text.size();
  }
  for (const StoredSubject& subject : e.subjects) {
    bytes += kItemsOfSubject * CborPen::kItemBytesMax + subject.bytes.size() + subject.role.size();
  }
  return bytes;
}

void encode_fields(const StoredEvent& e, unsigned fields, CborPen& pen) {
  const auto number = [&](Key key, auto value) {
    pen.integer(key);
    pen.integer(static_cast<int64_t>(value));
  };
  const auto text = [&](Key key, std::string_view value) {
    if (value.empty()) return;
    pen.integer(key);
    pen.text(value);
  };
  const auto bytes = [&](Key key, std::string_view value) {
    if (value.empty()) return;
    pen.integer(key);
    pen.bytes(value);
  };
  const auto encoded = [&](Key key, std::string_view item) {
    if (item.empty()) return;
    pen.integer(key);
    pen.encoded(item);
  };

  pen.map(fields);
  text(kId, e.id);
  if (e.time.nanos == 0) {
    number(kTime, e.time.micros);
  } else {
    pen.integer(kTime);
    pen.array(2);
    pen.integer(e.time.micros);
    pen.integer(e.time.nanos);
  }
  number(kReceived, e.received_ms);
  number(kPeriod, e.period);
  bytes(kActorId, e.actor.id);
  if (e.actor.type != ActorType::kEmployee) number(kActorType, e.actor.type);
  text(kFunction, e.actor.function);
  text(kUnit, e.actor.unit);
  text(kSource, e.shape.source);
  number(kAction, e.shape.action);
  text(kSystem, e.shape.system);
  text(kComponent, e.shape.component);
  encoded(kData, e.shape.data);
  text(kProcessingActivity, e.shape.processing_activity);
  text(kLegalBasis, e.shape.legal_basis);
  if (e.shape.outcome != Outcome::kSuccess) number(kOutcome, e.shape.outcome);
  if (!e.subjects.empty()) encode_subjects(e.subjects, pen);
  if (e.records) number(kRecords, *e.records);
  text(kCase, e.case_id);
  bytes(kQuery, e.query);
  if (e.break_glass) {
    pen.integer(kBreakGlass);
    pen.boolean(true);
  }
  bytes(kTraceId, e.trace_id);
  bytes(kSpanId, e.span_id);
  if (e.marks != 0) number(kMarks, e.marks);
  bytes(kOnBehalfOf, e.on_behalf_of);
  bytes(kReason, e.reason);
  bytes(kTerminal, e.terminal);
  bytes(kIp, e.ip);
  text(kLocation, e.location);
  bytes(kParentSpanId, e.parent_span_id);
  encoded(kAttributes, e.attributes);
}

}  // namespace

void encode(const StoredEvent& e, Bytes& out) {
  const size_t begin = out.size();
  const unsigned fields = count_fields(e);
  out.resize(begin + encoded_bytes_max(e, fields));
  CborPen pen(out.data() + begin);
  encode_fields(e, fields, pen);
  out.resize(static_cast<size_t>(pen.at() - out.data()));
}

void encode(const StoredRecord& record, Bytes& out) {
  CborWriter cbor(out);
  cbor.map(4);
  cbor.integer(kKind);
  cbor.integer(kKindRecord);
  cbor.integer(kRecordType);
  cbor.text(record.type);
  cbor.integer(kRecordReceived);
  cbor.integer(record.received_ms);
  cbor.integer(kRecordBody);
  cbor.text(record.body);
}

namespace {

// Reads the fields of an event in ascending order of their keys; each present field is read by exactly one call.
class FieldReader {
 public:
  explicit FieldReader(ByteView bytes) : cbor_(bytes) {
    pairs_ = cbor_.map();
    next_key();
  }

  [[nodiscard]] bool has(Key key) const { return key_ == key; }
  CborReader& value() { return cbor_; }
  void done() { next_key(); }

  std::string_view text(Key key, bool required = false) {
    if (!has(key)) return missing(required);
    const std::string_view value = cbor_.text();
    if (value.empty()) cbor_.fail();
    done();
    return value;
  }
  std::string_view bytes(Key key, bool required = false) {
    if (!has(key)) return missing(required);
    const std::string_view value = as_text(cbor_.bytes());
    if (value.empty()) cbor_.fail();
    done();
    return value;
  }
  uint64_t number(Key key, uint64_t max, bool required) {
    if (!has(key)) {
      missing(required);
      return 0;
    }
    const uint64_t value = cbor_.unsigned_integer();
    if (value > max || (value == 0 && !required)) cbor_.fail();
    done();
    return value;
  }
  // Whether all was read and nothing is left.
  [[nodiscard]] bool complete() const { return cbor_.complete() && key_ == kEnd; }

 private:
  static constexpr int64_t kEnd = -1;

  std::string_view missing(bool required) {
    if (required) cbor_.fail();
    return {};
  }
  void next_key() {
    if (pairs_ == 0 || cbor_.failed()) {
      key_ = kEnd;
      return;
    }
    --pairs_;
    const int64_t key = cbor_.integer();
    if (key <= key_) cbor_.fail();  // ascending, so that there is one way only to write a map
    key_ = key;
  }

  CborReader cbor_;
  uint64_t pairs_ = 0;
  int64_t key_ = kEnd;
};

// A canonical CBOR array of non-empty texts, returned as the bytes it takes.
std::string_view read_data(CborReader& cbor) {
  const ByteView before = cbor.rest();
  const uint64_t items = cbor.array();
  if (items == 0) cbor.fail();
  for (uint64_t i = 0; i < items && !cbor.failed(); ++i) {
    if (cbor.text().empty()) cbor.fail();
  }
  return as_text(before.first(before.size() - cbor.rest().size()));
}

// A canonical CBOR map of text to bytes, bool or null, returned as the bytes it takes.
std::string_view read_attributes(CborReader& cbor) {
  const ByteView before = cbor.rest();
  const uint64_t pairs = cbor.map();
  if (pairs == 0) cbor.fail();
  std::string_view previous;
  for (uint64_t i = 0; i < pairs && !cbor.failed(); ++i) {
    const std::string_view key = cbor.text();
    // RFC 8949 section 4.2.1: bytewise order of the encoded keys, which for texts is by length, then by bytes.
    if (i > 0 && (key.size() < previous.size() || (key.size() == previous.size() && key <= previous))) cbor.fail();
    previous = key;
    if (cbor.peek_major() == 2) {
      cbor.bytes();
    } else if (!cbor.take_null()) {
      cbor.boolean();
    }
  }
  return as_text(before.first(before.size() - cbor.rest().size()));
}

StoredSubject read_subject(CborReader& cbor) {
  StoredSubject subject;
  const uint64_t items = cbor.array();
  if (items != 2 && items != 3) cbor.fail();
  const uint64_t type = cbor.unsigned_integer();
  if (type > kSubjectTypeMax) {
    cbor.fail();
    return subject;
  }
  subject.type = static_cast<SubjectType>(type);
  subject.is_number = cbor.peek_major() == 0;
  if (subject.is_number) {
    subject.number = cbor.unsigned_integer();
    if (subject.number > kRecordsMax) cbor.fail();
  } else {
    subject.bytes = as_text(cbor.bytes());
    if (subject.bytes.empty()) cbor.fail();
  }
  if (items == 3) {
    subject.role = cbor.text();
    if (subject.role.empty()) cbor.fail();
  }
  return subject;
}

void read_subjects(CborReader& cbor, std::vector<StoredSubject>& subjects) {
  subjects.clear();
  const uint64_t count = cbor.array();
  if (count == 0 || count > kSubjectsMax) cbor.fail();
  for (uint64_t i = 0; i < count && !cbor.failed(); ++i) {
    subjects.push_back(read_subject(cbor));
    if (i > 0 && !(subjects[i - 1] < subjects[i])) cbor.fail();
  }
}

Time read_time(CborReader& cbor) {
  Time time;
  const bool fine = cbor.peek_major() == 4;
  if (fine && cbor.array() != 2) cbor.fail();
  time.micros = cbor.integer();
  if (fine) {
    const uint64_t nanos = cbor.unsigned_integer();
    if (nanos == 0 || nanos > 999) cbor.fail();
    time.nanos = static_cast<uint16_t>(nanos);
  }
  if (time.micros < kMicrosMin || time.micros > kMicrosMax) cbor.fail();
  return time;
}

}  // namespace

Status Entry::decode(ByteView bytes) {
  if (bytes.size() > kEntryBytesMax) return fail(Code::kCorrupt, "the entry is longer than 65,535 bytes");
  // A record begins with key 0, an event with key 1.
  is_event_ = !(bytes.size() > 1 && bytes[0] == 0xA4 && bytes[1] == 0x00);
  return is_event_ ? decode_event(bytes) : decode_record(bytes);
}

Status Entry::decode_event(ByteView bytes) {
  StoredEvent e;
  FieldReader in(bytes);
  e.id = in.text(kId, true);
  if (in.has(kTime)) {
    e.time = read_time(in.value());
    in.done();
  } else {
    in.value().fail();
  }
  e.received_ms = static_cast<int64_t>(in.number(kReceived, INT64_MAX, true));
  e.period = static_cast<uint16_t>(in.number(kPeriod, UINT16_MAX, true));
  e.actor.id = in.bytes(kActorId, true);
  e.actor.type = static_cast<ActorType>(in.number(kActorType, kActorTypeMax, false));
  e.actor.function = in.text(kFunction);
  e.actor.unit = in.text(kUnit);
  e.shape.source = in.text(kSource, true);
  e.shape.action = static_cast<Action>(in.number(kAction, kActionMax, true));
  e.shape.system = in.text(kSystem, true);
  e.shape.component = in.text(kComponent);
  if (in.has(kData)) {
    e.shape.data = read_data(in.value());
    in.done();
  }
  e.shape.processing_activity = in.text(kProcessingActivity);
  e.shape.legal_basis = in.text(kLegalBasis);
  e.shape.outcome = static_cast<Outcome>(in.number(kOutcome, kOutcomeMax, false));
  subjects_.clear();
  if (in.has(kSubjects)) {
    read_subjects(in.value(), subjects_);
    in.done();
  }
  if (in.has(kRecords)) e.records = in.number(kRecords, kRecordsMax, true);
  e.case_id = in.text(kCase);
  e.query = in.bytes(kQuery);
  if (in.has(kBreakGlass)) {
    e.break_glass = in.value().boolean();
    if (!e.break_glass) in.value().fail();
    in.done();
  }
  e.trace_id = in.bytes(kTraceId);
  e.span_id = in.bytes(kSpanId);
  e.marks = in.number(kMarks, kRecordsMax, false);
  e.on_behalf_of = in.bytes(kOnBehalfOf);
  e.reason = in.bytes(kReason);
  e.terminal = in.bytes(kTerminal);
  e.ip = in.bytes(kIp);
  e.location = in.text(kLocation);
  e.parent_span_id = in.bytes(kParentSpanId);
  if (in.has(kAttributes)) {
    e.attributes = read_attributes(in.value());
    in.done();
  }
  if (!in.complete()) return fail(Code::kCorrupt, "the entry is not a canonical access event");
  e.subjects = subjects_;
  event_ = e;
  return {};
}

Status Entry::decode_record(ByteView bytes) {
  CborReader cbor(bytes);
  StoredRecord record;
  bool right = cbor.map() == 4 && cbor.integer() == kKind && cbor.integer() == kKindRecord;
  right = right && cbor.integer() == kRecordType;
  record.type = cbor.text();
  right = right && cbor.integer() == kRecordReceived;
  record.received_ms = cbor.integer();
  right = right && cbor.integer() == kRecordBody;
  record.body = cbor.text();
  if (!right || !cbor.complete() || record.type.empty() || record.received_ms < 0) {
    return fail(Code::kCorrupt, "the entry is not a canonical record");
  }
  record_ = record;
  return {};
}

}  // namespace weerbaar::trail

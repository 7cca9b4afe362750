#include "trail/store/event_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/digits.h"
#include "base/utf8.h"
#include "trail/format/cbor.h"
#include "trail/format/filter.h"

namespace weerbaar::trail {
namespace {

// Values that say nothing about anybody stay readable.
bool is_plain(std::string_view json) {
  return json == "true" || json == "false" || json == "null";
}

// Room for every pseudonym of an event, so that views into the arena stay where they are.
size_t arena_bytes(const AccessEvent& event) {
  constexpr size_t kOverhead = 32;  // SIV tag or padding
  size_t bytes = event.query.size() + event.purpose.reason.size() + event.workplace.terminal.size() +
                 event.workplace.ip.size() + event.actor.on_behalf_of.size() + event.actor.id.size() + 6 * kOverhead;
  for (const Subject& subject : event.subjects) bytes += subject.id.size() + kOverhead;
  return bytes;
}

}  // namespace

Period period_of_event(Time time, Time received) {
  return std::min(period_of(time), period_of(received));
}

void PeriodOfEvents::turn_to(Time time) {
  period_ = period_of_event(time, received_);
  // Moments before the first period belong to it, and those behind the period of receipt to that.
  from_micros_ = period_ == kPeriodFirst ? INT64_MIN : start_of(period_).micros;
  until_micros_ = period_ == period_of(received_) ? INT64_MAX : end_of(period_).micros;
}

Domain domain_of(SubjectType type) {
  switch (type) {
    case SubjectType::kBsn:
      return Domain::kSubjectBsn;
    case SubjectType::kRsin:
      return Domain::kSubjectRsin;
    case SubjectType::kKvk:
      return Domain::kSubjectKvk;
    case SubjectType::kVehicle:
      return Domain::kSubjectVehicle;
    case SubjectType::kAddress:
      return Domain::kSubjectAddress;
    case SubjectType::kEmployee:
      return Domain::kSubjectEmployee;
    case SubjectType::kOther:
      return Domain::kSubjectOther;
  }
  return Domain::kSubjectOther;
}

unsigned digits_of(SubjectType type) {
  switch (type) {
    case SubjectType::kBsn:
    case SubjectType::kRsin:
      return 9;
    case SubjectType::kKvk:
      return 8;
    default:
      return 0;
  }
}

namespace {

// The number of an identifier that is exactly as many digits as its type has.
std::optional<uint64_t> number_of(SubjectType type, std::string_view id) {
  if (id.size() != digits_of(type)) return std::nullopt;
  uint64_t number = 0;
  if (id.size() >= 8) {
    const uint64_t eight = eight_characters(id.data());  // NOLINT(bugprone-suspicious-stringview-data-usage): reads 8
    if (!are_digits(eight)) return std::nullopt;
    number = number_of_digits(eight);
    id.remove_prefix(8);
  }
  for (const char c : id) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

}  // namespace

StoredSubject pseudonym_of(SubjectType type, std::string_view id, const Pseudonymiser& key, Bytes& storage) {
  StoredSubject subject;
  subject.type = type;
  subject.is_number = number_of(type, id).has_value();
  if (subject.is_number) {
    subject.number = key.encrypt_digits(domain_of(type), id);
    return subject;
  }
  const size_t begin = storage.size();
  key.encrypt_identifier(domain_of(type), id, storage);
  subject.bytes = as_text(ByteView(storage).subspan(begin));
  return subject;
}

std::string_view EventEncoder::keep(size_t begin, size_t end) const {
  return as_text(ByteView(arena_).subspan(begin, end - begin));
}

std::string_view EventEncoder::sealed(Domain domain, std::string_view text, const Pseudonymiser& key) {
  if (text.empty()) return {};
  const size_t begin = arena_.size();
  key.encrypt_text(domain, text, arena_);
  return keep(begin, arena_.size());
}

std::string_view EventEncoder::identifier(Period period, Domain domain, std::string_view text,
                                          const Pseudonymiser& key) {
  if (text.empty()) return {};
  if (text.size() <= kShortIdentifierBytesMax) return pseudonyms_.identifier(period, domain, text, key);
  const size_t begin = arena_.size();
  key.encrypt_identifier(domain, text, arena_);
  return keep(begin, arena_.size());
}

// pseudonym_of(), by way of those that are known.
StoredSubject EventEncoder::subject(Period period, const Subject& subject, const Pseudonymiser& key) {
  StoredSubject stored;
  stored.type = subject.type;
  const std::optional<uint64_t> number = number_of(subject.type, subject.id);
  stored.is_number = number.has_value();
  stored.role = subject.role;
  if (number) {
    stored.number = pseudonyms_.number(period, domain_of(subject.type), *number, subject.id, key);
  } else {
    stored.bytes = identifier(period, domain_of(subject.type), subject.id, key);
  }
  return stored;
}

// In loops of their own, so that the processor waits for many memory accesses at once.
void EventEncoder::look_ahead(std::span<const AccessEvent> events, Period period, const Pseudonymiser& key) {
  pseudonyms_.make_room();
  ahead_ = {};
  people_.clear();
  people_subjects_.clear();
  for (const AccessEvent& event : events) {
    for (const Subject& subject : event.subjects) {
      StoredSubject& stored = people_subjects_.emplace_back();
      stored.type = subject.type;
      stored.role = subject.role;
      const std::optional<uint64_t> number = number_of(subject.type, subject.id);
      stored.is_number = number.has_value();
      if (!number) continue;
      stored.number = *number;
      pseudonyms_.expect_number(period, domain_of(subject.type), *number, subject.id);
    }
  }
  pseudonyms_.look_up(key);
  size_t at = 0;
  for (const AccessEvent& event : events) {
    const bool is_short = event.actor.id.size() <= kShortIdentifierBytesMax;  // as validate() demands
    people_.push_back({is_short ? identifier(period, Domain::kActor, event.actor.id, key) : "", at});
    for (const Subject& subject : event.subjects) {
      StoredSubject& stored = people_subjects_[at++];
      if (!stored.is_number) continue;
      stored.number = pseudonyms_.number(period, domain_of(subject.type), stored.number, subject.id, key);
    }
  }
  ahead_ = events;
}

void EventEncoder::take_people(const AccessEvent& event, Period period, const Pseudonymiser& key,
                               std::string_view& actor) {
  subjects_.clear();
  const bool is_ahead =
      std::less_equal<>()(ahead_.data(), &event) && std::less<>()(&event, ahead_.data() + ahead_.size());
  if (is_ahead) {
    const Ahead& people = people_[static_cast<size_t>(&event - ahead_.data())];
    actor = people.actor.empty() ? identifier(period, Domain::kActor, event.actor.id, key) : people.actor;
    const auto first = people_subjects_.begin() + static_cast<std::ptrdiff_t>(people.subjects);
    subjects_.assign(first, first + static_cast<std::ptrdiff_t>(event.subjects.size()));
    for (size_t i = 0; i < subjects_.size(); ++i) {
      if (!subjects_[i].is_number) subjects_[i] = subject(period, event.subjects[i], key);
    }
  } else {
    ahead_ = {};
    pseudonyms_.make_room();
    actor = identifier(period, Domain::kActor, event.actor.id, key);
    for (const Subject& one : event.subjects) subjects_.push_back(subject(period, one, key));
  }
  if (subjects_.size() < 2) return;
  std::sort(subjects_.begin(), subjects_.end());
  subjects_.erase(std::unique(subjects_.begin(), subjects_.end()), subjects_.end());
}

void EventEncoder::encode_data(std::span<const std::string_view> data) {
  data_.clear();
  if (data.empty()) return;
  CborWriter cbor(data_);
  cbor.array(data.size());
  for (const std::string_view category : data) cbor.text(category);
}

void EventEncoder::encode_attributes(std::span<const Attribute> attributes, const Pseudonymiser& key) {
  attributes_.clear();
  if (attributes.empty()) return;
  sorted_.clear();
  for (const Attribute& attribute : attributes) sorted_.push_back(&attribute);
  // RFC 8949 section 4.2.1: by length, then by bytes.
  std::sort(sorted_.begin(), sorted_.end(), [](const Attribute* a, const Attribute* b) {
    return std::pair(a->key.size(), a->key) < std::pair(b->key.size(), b->key);
  });
  CborWriter cbor(attributes_);
  cbor.map(sorted_.size());
  Bytes value;
  for (const Attribute* attribute : sorted_) {
    cbor.text(attribute->key);
    if (attribute->value == "null") {
      cbor.null();
    } else if (is_plain(attribute->value)) {
      cbor.boolean(attribute->value == "true");
    } else {
      value.clear();
      key.encrypt_text(Domain::kAttribute, attribute->value, value);
      cbor.bytes(value);
    }
  }
}

Status EventEncoder::encode(const AccessEvent& event, Time received, Period period, const Pseudonymiser& key,
                            Bytes& out, std::vector<uint64_t>& hashes) {
  arena_.clear();
  arena_.reserve(arena_bytes(event));
  encode_data(event.data);
  encode_attributes(event.attributes, key);
  std::string_view actor;
  take_people(event, period, key, actor);

  StoredEvent stored;
  stored.id = event.id;
  stored.time = event.time;
  stored.received_ms = floor_div(received.micros, 1'000);
  stored.period = period.number;
  stored.actor = {actor, event.actor.type, event.actor.function, event.actor.unit};
  stored.shape = {event.source,
                  event.action,
                  event.system,
                  event.component,
                  as_text(data_),
                  event.purpose.processing_activity,
                  event.purpose.legal_basis,
                  event.outcome};
  stored.subjects = subjects_;
  stored.records = event.records;
  stored.case_id = event.purpose.case_id;
  stored.query = sealed(Domain::kQuery, event.query, key);
  stored.break_glass = event.purpose.break_glass;
  stored.trace_id = event.trace.trace_id;
  stored.span_id = event.trace.span_id;
  stored.parent_span_id = event.trace.parent_span_id;
  stored.marks = event.time.micros > received.micros + kFutureMicros ? kMarkFuture : 0;
  // The same role as the actor, so that a person is recognised in both places.
  stored.on_behalf_of = identifier(period, Domain::kActor, event.actor.on_behalf_of, key);
  // A field that a screen fills up with blanks is no reason.
  stored.reason = sealed(Domain::kReason, is_blank(event.purpose.reason) ? "" : event.purpose.reason, key);
  stored.terminal = identifier(period, Domain::kTerminal, event.workplace.terminal, key);
  stored.ip = identifier(period, Domain::kIp, event.workplace.ip, key);
  stored.location = event.workplace.location;
  stored.attributes = as_text(attributes_);

  const size_t begin = out.size();
  trail::encode(stored, out);
  if (out.size() - begin > kEntryBytesMax) {
    const size_t size = out.size() - begin;
    out.resize(begin);
    return fail(Code::kInvalid, fmt::format("the event takes {} bytes in the trail, at most {} fit: send fewer or "
                                            "shorter attributes",
                                            size, kEntryBytesMax));
  }
  hashes.push_back(actor_hash(stored.actor.id));
  for (const StoredSubject& subject : subjects_) hashes.push_back(subject_hash(subject));
  return {};
}

std::string pseudonym_text(Period period, std::string_view bytes) {
  return fmt::format("{}{}:{}", kPseudonymMark, to_string(period), to_hex(as_bytes(bytes)));
}

std::string pseudonym_text(Period period, const StoredSubject& subject) {
  if (!subject.is_number) return pseudonym_text(period, subject.bytes);
  return fmt::format("{}{}:{:0{}}", kPseudonymMark, to_string(period), subject.number, digits_of(subject.type));
}

namespace {

// Reads stored fields back for one event.
class Decoder {
 public:
  Decoder(Period period, const Pseudonymiser* key, EventBatch& out) : period_(period), key_(key), out_(out) {}

  // An identity, or its pseudonym without a key.
  std::string_view identifier(Domain domain, std::string_view bytes) {
    if (bytes.empty()) return {};
    if (key_ == nullptr) return out_.keep(pseudonym_text(period_, bytes));
    return take(key_->decrypt_identifier(domain, as_bytes(bytes)));
  }
  // A text that may name anybody: nothing without a key.
  std::string_view sealed(Domain domain, std::string_view bytes) {
    if (bytes.empty() || key_ == nullptr) return {};
    return take(key_->decrypt_text(domain, as_bytes(bytes)));
  }
  std::string_view subject(const StoredSubject& subject) {
    if (key_ == nullptr) return out_.keep(pseudonym_text(period_, subject));
    if (!subject.is_number) return take(key_->decrypt_identifier(domain_of(subject.type), as_bytes(subject.bytes)));
    return take(key_->decrypt_digits(domain_of(subject.type), subject.number, digits_of(subject.type)));
  }
  std::span<const std::string_view> data(std::string_view bytes) {
    if (bytes.empty()) return {};
    CborReader cbor(as_bytes(bytes));
    std::vector<std::string_view> categories(cbor.array());
    for (std::string_view& category : categories) category = out_.keep(cbor.text());
    return out_.keep(std::span<const std::string_view>(categories));
  }
  std::span<const Attribute> attributes(std::string_view bytes) {
    if (bytes.empty()) return {};
    CborReader cbor(as_bytes(bytes));
    std::vector<Attribute> list;
    const uint64_t pairs = cbor.map();
    for (uint64_t i = 0; i < pairs; ++i) {
      const std::string_view name = out_.keep(cbor.text());
      if (cbor.peek_major() == 2) {
        const std::string_view value = sealed(Domain::kAttribute, as_text(cbor.bytes()));
        if (!value.empty()) list.push_back({name, value});
      } else if (cbor.take_null()) {
        list.push_back({name, "null"});
      } else {
        list.push_back({name, cbor.boolean() ? "true" : "false"});
      }
    }
    return out_.keep(std::span<const Attribute>(list));
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  std::string_view take(const Result<std::string>& text) {
    if (text) return out_.keep(*text);
    if (status_) status_ = std::unexpected(text.error());
    return {};
  }

  Period period_;
  const Pseudonymiser* key_;
  EventBatch& out_;
  Status status_;
};

}  // namespace

Status decode(const StoredEvent& stored, Disclosure disclosure, const Pseudonymiser* key, EventBatch& out) {
  Decoder decoder(Period{stored.period}, disclosure == Disclosure::kIdentities ? key : nullptr, out);
  AccessEvent event;
  event.id = out.keep(stored.id);
  event.source = out.keep(stored.shape.source);
  event.time = stored.time;
  event.actor = {decoder.identifier(Domain::kActor, stored.actor.id), stored.actor.type,
                 out.keep(stored.actor.function), out.keep(stored.actor.unit),
                 decoder.identifier(Domain::kActor, stored.on_behalf_of)};
  event.action = stored.shape.action;
  event.system = out.keep(stored.shape.system);
  event.component = out.keep(stored.shape.component);
  std::vector<Subject> subjects;
  for (const StoredSubject& subject : stored.subjects) {
    subjects.push_back({subject.type, decoder.subject(subject), out.keep(subject.role)});
  }
  event.subjects = out.keep(std::span<const Subject>(subjects));
  event.data = decoder.data(stored.shape.data);
  event.query = decoder.sealed(Domain::kQuery, stored.query);
  event.records = stored.records;
  event.purpose = {out.keep(stored.shape.processing_activity), out.keep(stored.case_id),
                   out.keep(stored.shape.legal_basis), decoder.sealed(Domain::kReason, stored.reason),
                   stored.break_glass};
  event.outcome = stored.shape.outcome;
  event.workplace = {decoder.identifier(Domain::kTerminal, stored.terminal), decoder.identifier(Domain::kIp, stored.ip),
                     out.keep(stored.location)};
  event.trace = {out.keep(stored.trace_id), out.keep(stored.span_id), out.keep(stored.parent_span_id)};
  event.attributes = decoder.attributes(stored.attributes);
  if (!decoder.status()) return decoder.status();
  out.add(event);
  return {};
}

}  // namespace weerbaar::trail

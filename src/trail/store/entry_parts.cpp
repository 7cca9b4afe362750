#include "trail/store/entry_parts.h"

#include <algorithm>

#include "trail/format/cbor.h"
#include "trail/format/entry_keys.h"

namespace weerbaar::trail {

using namespace entry_key;

namespace {

// Steps over items (RFC 8949) without checking their form. Stays at the end once it is there.
class Skimmer {
 public:
  explicit Skimmer(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] const uint8_t* at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] std::string_view since(const uint8_t* begin) const {
    return {reinterpret_cast<const char*>(begin), static_cast<size_t>(at_ - begin)};
  }

  struct Head {
    unsigned major = 0;
    uint64_t value = 0;
  };
  Head head() {
    if (at_ == end_) return {};
    const unsigned initial = *at_++;
    const unsigned info = initial & 31U;
    if (info < 24) return {initial >> 5U, info};
    return {initial >> 5U, long_value(info)};
  }
  std::string_view string() {
    const Head length = head();
    const uint8_t* const begin = at_;
    pass(length.value);
    return since(begin);
  }
  int64_t integer() {
    const Head number = head();
    return static_cast<int64_t>(number.major == 1 ? ~number.value : number.value);
  }
  // One item, whatever it is; of entries, arrays and maps hold at most arrays.
  void skip() {
    for (uint64_t items = 1; items > 0 && !at_end(); --items) {
      const Head item = head();
      if (item.major == 2 || item.major == 3) pass(item.value);
      if (item.major == 4) items += item.value;
      if (item.major == 5) items += 2 * item.value;
    }
  }
  void pass(uint64_t bytes) { at_ += std::min(bytes, static_cast<uint64_t>(end_ - at_)); }
  // Items up to the first key that is at least `key`, which may be the end.
  std::string_view before(int64_t key) {
    const uint8_t* const begin = at_;
    while (!at_end() && next_key() < key) {
      head();
      skip();
    }
    return since(begin);
  }

 private:
  // Of a pair: keys are below 256.
  [[nodiscard]] int64_t next_key() const {
    if (*at_ < 24) return *at_;
    return at_ + 1 < end_ ? at_[1] : INT64_MAX;
  }
  uint64_t long_value(unsigned info) {
    const size_t bytes = size_t{1} << (info & 3U);
    if (static_cast<size_t>(end_ - at_) < bytes) {
      at_ = end_;
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value = value << 8U | at_[i];
    at_ += bytes;
    return value;
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

Time read_time(Skimmer& from) {
  Skimmer::Head first = from.head();
  const bool has_nanos = first.major == 4;
  if (has_nanos) first = from.head();
  Time time;
  time.micros = static_cast<int64_t>(first.major == 1 ? ~first.value : first.value);
  if (has_nanos) time.nanos = static_cast<uint16_t>(from.head().value);
  return time;
}

}  // namespace

bool split_entry(ByteView entry, EntryParts& parts) {
  Skimmer from(entry);
  if (from.head().major != 5) return false;
  if (from.head().value != kId) return false;
  parts.id = from.string();
  if (from.head().value != kTime) return false;
  parts.time = read_time(from);
  if (from.head().value != kReceived) return false;
  parts.received_ms = from.integer();
  if (from.head().value != kPeriod) return false;
  parts.period = static_cast<uint16_t>(from.integer());
  parts.actor = from.before(kSource);
  parts.shape = from.before(kSubjects);
  parts.subjects = {};
  const std::string_view subjects = from.before(kRecords);
  if (!subjects.empty()) parts.subjects = subjects.substr(1);
  parts.rest = from.before(INT64_MAX);
  return from.at_end();
}

StoredActor actor_in(std::string_view part) {
  StoredActor actor;
  CborReader cbor(as_bytes(part));
  while (!cbor.rest().empty() && !cbor.failed()) {
    switch (cbor.integer()) {
      case kActorId:
        actor.id = as_text(cbor.bytes());
        break;
      case kActorType:
        actor.type = static_cast<ActorType>(cbor.unsigned_integer());
        break;
      case kFunction:
        actor.function = cbor.text();
        break;
      case kUnit:
        actor.unit = cbor.text();
        break;
      default:
        cbor.fail();
    }
  }
  return actor;
}

StoredShape shape_in(std::string_view part) {
  StoredShape shape;
  CborReader cbor(as_bytes(part));
  while (!cbor.rest().empty() && !cbor.failed()) {
    switch (cbor.integer()) {
      case kSource:
        shape.source = cbor.text();
        break;
      case kAction:
        shape.action = static_cast<Action>(cbor.unsigned_integer());
        break;
      case kSystem:
        shape.system = cbor.text();
        break;
      case kComponent:
        shape.component = cbor.text();
        break;
      case kData: {
        const ByteView before = cbor.rest();
        for (uint64_t items = cbor.array(); items > 0 && !cbor.failed(); --items) cbor.text();
        shape.data = as_text(before.first(before.size() - cbor.rest().size()));
        break;
      }
      case kProcessingActivity:
        shape.processing_activity = cbor.text();
        break;
      case kLegalBasis:
        shape.legal_basis = cbor.text();
        break;
      case kOutcome:
        shape.outcome = static_cast<Outcome>(cbor.unsigned_integer());
        break;
      default:
        cbor.fail();
    }
  }
  return shape;
}

void subjects_in(std::string_view part, std::vector<StoredSubject>& subjects) {
  subjects.clear();
  if (part.empty()) return;
  CborReader cbor(as_bytes(part));
  for (uint64_t count = cbor.array(); count > 0 && !cbor.failed(); --count) {
    StoredSubject& subject = subjects.emplace_back();
    const uint64_t items = cbor.array();
    subject.type = static_cast<SubjectType>(cbor.unsigned_integer());
    subject.is_number = cbor.peek_major() == 0;
    if (subject.is_number) {
      subject.number = cbor.unsigned_integer();
    } else {
      subject.bytes = as_text(cbor.bytes());
    }
    if (items == 3) subject.role = cbor.text();
  }
}

RestField take_field(std::string_view& rest) {
  Skimmer from(as_bytes(rest));
  RestField field;
  field.key = static_cast<int64_t>(from.head().value);
  const uint8_t* const begin = from.at();
  const Skimmer::Head head = from.head();
  if (head.major == 2 || head.major == 3) {
    const uint8_t* const text = from.at();
    from.pass(head.value);
    field.text = from.since(text);
  } else if (head.major == 5) {
    for (uint64_t pairs = head.value; pairs > 0 && !from.at_end(); --pairs) {
      from.skip();
      from.skip();
    }
    field.text = from.since(begin);
  } else {
    field.number = head.value;
  }
  rest.remove_prefix(from.since(reinterpret_cast<const uint8_t*>(rest.data())).size());
  return field;
}

bool has_field(std::string_view rest, int64_t key) {
  while (!rest.empty()) {
    if (take_field(rest).key == key) return true;
  }
  return false;
}

}  // namespace weerbaar::trail

#include "trail/format/index_key.h"

#include <xxhash.h>

namespace weerbaar::trail {
namespace {

template <std::unsigned_integral T>
void append_be(Bytes& out, T value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  store_be(out.data() + at, value);
}

}  // namespace

void append_subject_key(uint16_t period, const StoredSubject& subject, Bytes& out) {
  out.push_back(static_cast<uint8_t>(KeyKind::kSubject));
  append_be(out, period);
  out.push_back(static_cast<uint8_t>(subject.type));
  out.push_back(subject.is_number ? 1 : 0);
  if (subject.is_number) {
    append_be(out, subject.number);
  } else {
    append(out, as_bytes(subject.bytes));
  }
}

void append_actor_key(uint16_t period, std::string_view id, Bytes& out) {
  out.push_back(static_cast<uint8_t>(KeyKind::kActor));
  append_be(out, period);
  append(out, as_bytes(id));
}

void append_record_key(std::string_view type, Bytes& out) {
  out.push_back(static_cast<uint8_t>(KeyKind::kRecord));
  append(out, as_bytes(type));
}

Result<SubjectKey> parse_subject_key(ByteView key) {
  const auto wrong = [] { return fail(Code::kCorrupt, "it is not the key of a subject in an index"); };
  if (key.size() <= kSubjectKeyHeadBytes || key.size() > kIndexKeyBytesMax) return wrong();
  if (key[0] != static_cast<uint8_t>(KeyKind::kSubject) || key[3] > static_cast<uint8_t>(SubjectType::kOther)) {
    return wrong();
  }
  SubjectKey parsed;
  parsed.period = load_be<uint16_t>(key.data() + 1);
  parsed.subject.type = static_cast<SubjectType>(key[3]);
  parsed.subject.is_number = key[4] == 1;
  const ByteView rest = key.subspan(kSubjectKeyHeadBytes);
  if (key[4] > 1 || (parsed.subject.is_number && rest.size() != sizeof parsed.subject.number)) return wrong();
  if (parsed.subject.is_number) {
    parsed.subject.number = load_be<uint64_t>(rest.data());
  } else {
    parsed.subject.bytes = as_text(rest);
  }
  return parsed;
}

uint64_t key_hash(ByteView key) {
  return XXH3_64bits(key.data(), key.size());
}

}  // namespace weerbaar::trail

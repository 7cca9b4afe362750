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

uint64_t key_hash(ByteView key) {
  return XXH3_64bits(key.data(), key.size());
}

}  // namespace weerbaar::trail

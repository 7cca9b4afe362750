// Keys of an index: what a search looks for, as bytes in the order of the index. docs/formats/index.md.
//
// A key begins with its kind and, for identities, with the period whose key their pseudonyms are under: the same
// pseudonym in two periods means two persons.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/entry.h"

namespace weerbaar::trail {

// Written to disk: append, never renumber.
enum class KeyKind : uint8_t {
  kSubject = 1,  // kind, period (u16), type, 1 and the number (u64); or kind, period, type, 0 and the bytes
  kActor = 2,    // kind, period (u16), the bytes of the pseudonym
  kRecord = 3,   // kind, the type of the record
};
// All integers in a key are big-endian, so that keys compare as bytes.
inline constexpr size_t kSubjectKeyHeadBytes = 1 + 2 + 1 + 1;
inline constexpr size_t kActorKeyHeadBytes = 1 + 2;
// No key is longer: what a key has in front is less than what an entry has around a pseudonym or the type of a record.
inline constexpr size_t kIndexKeyBytesMax = kEntryBytesMax;

// Each appends the key. The role of a subject is no part of it.
void append_subject_key(uint16_t period, const StoredSubject& subject, Bytes& out);
void append_actor_key(uint16_t period, std::string_view id, Bytes& out);
void append_record_key(std::string_view type, Bytes& out);

struct SubjectKey {
  uint16_t period = 0;
  StoredSubject subject;  // without a role; its bytes point into the key
};
// The exact reverse of append_subject_key(). kCorrupt for what is not the key of a subject.
Result<SubjectKey> parse_subject_key(ByteView key);

// For filters (trail/format/filter.h): XXH3-64 of the key, unseeded.
uint64_t key_hash(ByteView key);

}  // namespace weerbaar::trail

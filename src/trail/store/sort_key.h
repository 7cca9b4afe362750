// Numbers that never fall when an actor or a subject rises, for sort_values() (trail/store/value_table.h).
#pragma once

#include <algorithm>
#include <cstdint>

#include "trail/format/entry.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {

inline uint64_t sort_key(const StoredActor& actor) {
  return leading_bytes(actor.id);
}

inline uint64_t sort_key(const StoredSubject& subject) {
  constexpr unsigned kNumberBits = 60;
  constexpr uint64_t kNumberMax = (uint64_t{1} << kNumberBits) - 1;
  const uint64_t kind = static_cast<uint64_t>(subject.type) * 2 + (subject.is_number ? 1 : 0);
  const uint64_t number =
      subject.is_number ? std::min(subject.number, kNumberMax) : leading_bytes(subject.bytes) >> (64 - kNumberBits);
  return kind << kNumberBits | number;
}

}  // namespace weerbaar::trail

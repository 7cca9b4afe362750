// Membership filter: a split block Bloom filter as in the Apache Parquet format ("Bloom
// Filter", blocks of 8 × 32 bits, one cache line a probe), over XXH3-64 of the keys below. No false negatives.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "trail/format/entry.h"

namespace weerbaar::trail {

inline constexpr size_t kFilterBlockBytes = 32;
// 12 bits a key: about 0.5 % false positives.
inline constexpr size_t kFilterBitsPerKey = 12;

// The role of a subject is no part of its key.
uint64_t subject_hash(const StoredSubject& subject);
uint64_t actor_hash(std::string_view id);

// Size in bytes of a filter for `keys` distinct keys: a multiple of 32, at least 32.
size_t filter_bytes(uint64_t keys);
void filter_insert(std::span<uint8_t> filter, uint64_t hash);
// `filter` is a positive multiple of 32 bytes long; of any other length it may contain everything.
bool filter_may_contain(ByteView filter, uint64_t hash);

}  // namespace weerbaar::trail

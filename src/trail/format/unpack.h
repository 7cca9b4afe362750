// Numbers in the columns of a segment (docs/formats/segment.md): in a fixed number of bits each, from the lowest of a
// byte up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace weerbaar::trail {

// How many bytes behind the numbers are read too, and must be there.
inline constexpr size_t kPackedSpareBytes = 8;

// The number of `width` <= 56 or 64 bits at bit position `bit`.
inline uint64_t read_bits(const uint8_t* data, uint64_t bit, unsigned width) {
  if (width == 0) return 0;
  if (width >= 64) return load_le<uint64_t>(data + bit / 8);
  return (load_le<uint64_t>(data + bit / 8) >> (bit % 8)) & ((uint64_t{1} << width) - 1);
}

// Gives base + scale × each of the numbers that stand at `data` in `width` <= 56 or 64 bits; modulo 2^64.
void unpack(const uint8_t* data, unsigned width, uint64_t base, uint64_t scale, std::span<int64_t> values);

// The same on any processor.
void unpack_portable(const uint8_t* data, unsigned width, uint64_t base, uint64_t scale, std::span<int64_t> values);

}  // namespace weerbaar::trail

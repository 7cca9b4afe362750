// Decimal digits, eight at a time: numbers in texts are read for every event.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace weerbaar {

// Eight characters as one word. `from` must have them.
inline uint64_t eight_characters(const char* from) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Whether all eight are 0 to 9: their high half is that of '0', also when six is added to them.
constexpr bool are_digits(uint64_t word) {
  constexpr uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  constexpr uint64_t kZeros = 0x3030303030303030;
  return (word & kHigh) == kZeros && ((word + 0x0606060606060606) & kHigh) == kZeros;
}

// The number that eight digits stand for: neighbours are joined to pairs, pairs to fours, fours to the whole.
constexpr uint64_t number_of_digits(uint64_t word) {
  word = (word & 0x0F0F0F0F0F0F0F0F) * (10 * 0x100 + 1) >> 8U;
  word = (word & 0x00FF00FF00FF00FF) * (100 * 0x10000 + 1) >> 16U;
  return (word & 0x0000FFFF0000FFFF) * (10'000 * 0x100000000 + 1) >> 32U;
}

}  // namespace weerbaar

// Bits within bytes, the highest of each byte first, and the exponential Golomb code: of order k, a number takes k + 1
// bits when it is below 2^k, and two more for each doubling. So small numbers cost little, and none costs much.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/bytes.h"

namespace weerbaar::trail {

// No order is larger: what is coded fits in 60 bits, and the sum with 2^order in 64.
inline constexpr unsigned kGolombOrderMax = 60;
// No number below 2^60 takes more bits, whatever the order.
inline constexpr size_t kGolombBitsMax = 121;

// Writes into memory of the caller: at most 8 bytes more than the bits that were put.
class BitWriter {
 public:
  explicit BitWriter(uint8_t* to) : to_(to) {}

  // The lowest `bits` of `value`, whose others are zero.
  void put(uint64_t value, unsigned bits) {
    if (bits > 32) {
      put(value >> 32U, bits - 32);
      value &= 0xFFFF'FFFF;
      bits = 32;
    }
    pending_ = pending_ << bits | value;
    count_ += bits;
    if (count_ < 32) return;
    count_ -= 32;
    store_be(to_, static_cast<uint32_t>(pending_ >> count_));
    to_ += 4;
  }
  // `value` < 2^60, `order` <= kGolombOrderMax.
  void put_golomb(uint64_t value, unsigned order) {
    const uint64_t raised = value + (uint64_t{1} << order);
    const auto bits = static_cast<unsigned>(std::bit_width(raised));
    const unsigned zeros = bits - 1 - order;
    if (bits + zeros <= 32) return put(raised, bits + zeros);
    put(0, zeros);
    put(raised, bits);
  }
  // Fills the last byte with zeros. Returns the end of what was written.
  uint8_t* finish() {
    put(0, (8 - count_ % 8) % 8);
    for (; count_ > 0; count_ -= 8) *to_++ = static_cast<uint8_t>(pending_ >> (count_ - 8));
    return to_;
  }

 private:
  uint8_t* to_;
  uint64_t pending_ = 0;  // its lowest count_ bits, fewer than 32 between calls
  unsigned count_ = 0;
};

// Reads beyond the end give zeros, and are seen by overran().
class BitReader {
 public:
  BitReader() = default;
  explicit BitReader(ByteView bytes) : BitReader(bytes, bytes.data() + bytes.size()) {}
  // Faster when more than `bytes` may be read, up to `readable_end`; nothing of it is given.
  BitReader(ByteView bytes, const uint8_t* readable_end)
      : data_(bytes.data()), end_(bytes.size() * 8), readable_(static_cast<size_t>(readable_end - bytes.data())) {}

  // `bits` <= 64.
  uint64_t take(unsigned bits) {
    if (bits > kWindowBits) {
      const uint64_t high = take(bits - 32);
      return high << 32U | take(32);
    }
    // In two steps: none of 64 bits may be asked for.
    const uint64_t value = window() >> 1U >> (63 - bits);
    at_ += bits;
    return value;
  }
  // What put_golomb() wrote. Of other bits, any number.
  uint64_t take_golomb(unsigned order) {
    const uint64_t window_now = window();
    const auto zeros = static_cast<unsigned>(std::countl_zero(window_now));
    const unsigned all = 2 * zeros + order + 1;
    if (all > kWindowBits) [[unlikely]] {
      return take_long_golomb(order);
    }
    at_ += all;
    return ((window_now << zeros) >> (63 - zeros - order)) - (uint64_t{1} << order);
  }

  [[nodiscard]] bool overran() const { return at_ > end_; }
  // True when fewer than 8 bits are left, and they are zeros.
  [[nodiscard]] bool at_end() const {
    if (at_ + 8 <= end_) return false;
    return at_ >= end_ || (data_[end_ / 8 - 1] & ((1U << (end_ - at_)) - 1)) == 0;
  }

 private:
  static constexpr unsigned kWindowBits = 57;

  [[gnu::noinline]] uint64_t take_long_golomb(unsigned order) {
    unsigned zeros = 0;
    while (zeros < 64 && take(1) == 0) ++zeros;
    const unsigned below = zeros + order;  // bits behind the first one
    if (below > 63) {
      at_ = end_ + 1;
      return 0;
    }
    return (uint64_t{1} << below) + take(below) - (uint64_t{1} << order);
  }
  // The next bits, at least 57 of them, from the highest down.
  [[nodiscard]] uint64_t window() const {
    const size_t byte = at_ / 8;
    if (byte + 8 > readable_) return window_at_end(byte);
    const uint64_t value = __builtin_bswap64(load_le<uint64_t>(data_ + byte)) << (at_ % 8);
    if (at_ + 64 <= end_) return value;
    const size_t left = end_ - std::min(at_, end_);
    return value & ~(~uint64_t{0} >> left);
  }
  [[nodiscard]] uint64_t window_at_end(size_t byte) const {
    uint64_t value = 0;
    for (size_t i = byte; i < end_ / 8; ++i) value |= uint64_t{data_[i]} << (56 - 8 * (i - byte));
    return value << (at_ % 8);
  }

  const uint8_t* data_ = nullptr;
  size_t end_ = 0;  // bits
  size_t readable_ = 0;
  size_t at_ = 0;  // bits
};

}  // namespace weerbaar::trail

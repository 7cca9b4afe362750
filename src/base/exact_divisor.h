// Division that leaves no rest, without the instruction that divides: by shifting, and multiplying with the inverse of
// the odd part modulo 2^64 (Warren, Hacker's Delight, section 10-16).
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace weerbaar {

class ExactDivisor {
 public:
  // `divisor` > 0.
  explicit ExactDivisor(uint64_t divisor) : shift_(static_cast<unsigned>(std::countr_zero(divisor))) {
    const uint64_t odd = divisor >> shift_;
    inverse_ = odd;  // right in its lowest three bits; each step doubles them
    for (int bits = 3; bits < 64; bits *= 2) inverse_ *= 2 - odd * inverse_;
    quotient_max_ = std::numeric_limits<uint64_t>::max() / odd;
  }

  // Of a multiple of the divisor.
  [[nodiscard]] int64_t divide(int64_t multiple) const {
    return static_cast<int64_t>(static_cast<uint64_t>(multiple >> shift_) * inverse_);
  }
  [[nodiscard]] uint64_t divide(uint64_t multiple) const { return (multiple >> shift_) * inverse_; }
  // Whether it divides `value`.
  [[nodiscard]] bool divides(uint64_t value) const {
    const uint64_t low_bits = value & ((uint64_t{1} << shift_) - 1);
    return low_bits == 0 && divide(value) <= quotient_max_;
  }

 private:
  unsigned shift_;
  uint64_t inverse_;
  uint64_t quotient_max_;
};

}  // namespace weerbaar

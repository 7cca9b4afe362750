// About how many different things there were, in 256 bytes a person.
//
// Linear counting (Whang, Vander-Zanden and Taylor, 1990) at small counts, HyperLogLog (Flajolet and others, 2007)
// beyond: 256 registers, so a standard error of about 6.5 %. People differ more than that from each other.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace weerbaar::detect {

class DistinctCount {
 public:
  static constexpr size_t kRegisters = 256;

  // `hash` is the same for equal things, and spread over all 64 bits.
  void add(uint64_t hash) {
    const uint64_t rest = hash >> 8U;
    const auto rank = static_cast<uint8_t>(std::countl_zero(rest << 8U | 1U << 7U) + 1);
    uint8_t& place = registers_[hash % kRegisters];
    if (rank > place) place = rank;
  }
  [[nodiscard]] double estimate() const {
    constexpr double kBias = 0.718;  // of 256 registers
    constexpr double kCount = kRegisters;
    double sum = 0;
    int empty = 0;
    for (const uint8_t rank : registers_) {
      sum += std::ldexp(1.0, -rank);
      empty += rank == 0 ? 1 : 0;
    }
    const double raw = kBias * kCount * kCount / sum;
    return raw < 2.5 * kCount && empty > 0 ? kCount * std::log(kCount / empty) : raw;
  }
  void clear() { registers_.fill(0); }

 private:
  std::array<uint8_t, kRegisters> registers_{};
};

}  // namespace weerbaar::detect

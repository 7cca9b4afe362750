// Numbers for drawing control lists: the same ones for the same seed, on every machine.
#pragma once

#include <cstdint>
#include <random>

namespace weerbaar::trace {

// std::mt19937_64 is the same everywhere; the distributions of the standard library are not.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // Any number below `limit`, which is not 0, as likely as another.
  uint64_t below(uint64_t limit) {
    const uint64_t uneven = (0 - limit) % limit;
    uint64_t number = engine_();
    while (number < uneven) number = engine_();
    return number % limit;
  }
  // At least 0 and below 1.
  double fraction() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace weerbaar::trace

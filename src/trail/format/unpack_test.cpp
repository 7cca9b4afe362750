#include "trail/format/unpack.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weerbaar::trail {
namespace {

// Bit by bit.
uint64_t number_at(const Bytes& bytes, uint64_t bit, unsigned width) {
  uint64_t number = 0;
  for (unsigned i = 0; i < width; ++i) number |= uint64_t{bytes[(bit + i) / 8] >> ((bit + i) % 8) & 1U} << i;
  return number;
}

// Memory that ends where it may be read to, so that a sanitizer sees a byte too many.
TEST(Unpack, gives_what_stands_there_whatever_the_width_and_the_count) {
  std::mt19937_64 random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    if (width > 56 && width < 64) continue;
    for (const size_t count : {0U, 1U, 7U, 8U, 9U, 16U, 255U, 256U}) {
      Bytes bytes((count * width + 7) / 8 + kPackedSpareBytes);
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      for (const uint64_t scale : {uint64_t{1}, uint64_t{1'000}, random()}) {
        const uint64_t base = random();
        std::vector<int64_t> right;
        for (size_t i = 0; i < count; ++i) {
          right.push_back(static_cast<int64_t>(base + scale * number_at(bytes, i * width, width)));
        }
        std::vector<int64_t> values(count);
        unpack(bytes.data(), width, base, scale, values);
        ASSERT_EQ(values, right) << width << " bits, " << count;
        values.assign(count, 0);
        unpack_portable(bytes.data(), width, base, scale, values);
        ASSERT_EQ(values, right) << width << " bits, " << count;
      }
    }
  }
}

}  // namespace
}  // namespace weerbaar::trail

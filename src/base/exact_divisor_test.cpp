#include "base/exact_divisor.h"

#include <gtest/gtest.h>

#include <random>

namespace weerbaar {
namespace {

constexpr uint64_t kDivisors[] = {1,         2, 3, 7, 8, 1'000, 1'024, 60'000'000, 86'400'000'000, uint64_t{1} << 63U,
                                  UINT64_MAX};

TEST(ExactDivisor, divides_what_leaves_no_rest_as_division_does) {
  std::mt19937_64 random(1);
  for (const uint64_t divisor : kDivisors) {
    const ExactDivisor exact(divisor);
    for (int i = 0; i < 1'000; ++i) {
      const uint64_t multiple = random() / divisor * divisor;
      EXPECT_EQ(exact.divide(multiple), multiple / divisor) << multiple << " / " << divisor;
    }
    EXPECT_EQ(exact.divide(uint64_t{0}), 0U);
  }
}

TEST(ExactDivisor, divides_negative_numbers_too) {
  const ExactDivisor exact(60'000'000);
  for (const int64_t quotient : {int64_t{-1}, int64_t{-7}, int64_t{3}, int64_t{-150'000'000'000}}) {
    EXPECT_EQ(exact.divide(quotient * 60'000'000), quotient);
  }
}

TEST(ExactDivisor, tells_what_leaves_a_rest_as_the_remainder_does) {
  std::mt19937_64 random(2);
  for (const uint64_t divisor : kDivisors) {
    const ExactDivisor exact(divisor);
    for (int i = 0; i < 1'000; ++i) {
      const uint64_t value = random() >> (random() % 64);
      EXPECT_EQ(exact.divides(value), value % divisor == 0) << value << " / " << divisor;
      const uint64_t multiple = value / divisor * divisor;
      EXPECT_TRUE(exact.divides(multiple)) << multiple << " / " << divisor;
    }
  }
}

}  // namespace
}  // namespace weerbaar

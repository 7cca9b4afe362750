#include "domain/identifiers.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace weerbaar {
namespace {

TEST(Bsn, accepts_published_examples_and_a_leading_zero) {
  for (const char* bsn : {"123456782", "111222333", "249566758", "012345672"}) EXPECT_TRUE(is_bsn(bsn)) << bsn;
}

TEST(Bsn, refuses_wrong_length_letters_zeros_and_a_failing_sum) {
  for (const char* wrong : {"", "12345672", "1234567820", "12345678A", "000000000", "123456789", "-12345678"}) {
    EXPECT_FALSE(is_bsn(wrong)) << wrong;
  }
}

TEST(Bsn, about_one_random_number_in_eleven_passes) {
  int passed = 0;
  for (int n = 100'000'000; n < 100'110'000; ++n) {
    char text[10];
    std::snprintf(text, sizeof text, "%09d", n);
    passed += is_bsn(text) ? 1 : 0;
  }
  EXPECT_NEAR(passed, 10'000, 100);
}

}  // namespace
}  // namespace weerbaar

#include "domain/identifiers.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>

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

TEST(CheckNumber, refuses_what_nobody_is_found_by_and_says_why_without_repeating_it) {
  const auto refused = [](SubjectType type, std::string_view id) {
    const Status status = check_number(type, id);
    return status ? std::string() : status.error().text;
  };
  EXPECT_EQ(refused(SubjectType::kBsn, "123456782"), "");
  EXPECT_EQ(refused(SubjectType::kRsin, "123456782"), "");
  EXPECT_EQ(refused(SubjectType::kOther, "123456789"), "");
  EXPECT_NE(refused(SubjectType::kBsn, "12345678").find("nine digits"), std::string::npos);
  EXPECT_NE(refused(SubjectType::kBsn, "123456789").find("11-test"), std::string::npos);
  EXPECT_NE(refused(SubjectType::kRsin, "123456789").find("11-test"), std::string::npos);
  EXPECT_EQ(refused(SubjectType::kBsn, "123456789").find("123456789"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar

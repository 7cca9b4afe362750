#include "base/result.h"

#include <gtest/gtest.h>

namespace weerbaar {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Code::kInvalid, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  WEERBAAR_ASSIGN(const int once, half(n));
  WEERBAAR_TRY(half(once));
  return half(once);
}

TEST(Result, returns_the_first_error_met) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().text, "odd");
  EXPECT_EQ(quarter(7).error().code, Code::kInvalid);
}

TEST(Result, keeps_the_code_when_a_place_is_added) {
  const auto error = fail_in("line 3", Error{Code::kNoSpace, "full"}).error();
  EXPECT_EQ(error.code, Code::kNoSpace);
  EXPECT_EQ(error.text, "line 3: full");
}

TEST(Result, every_code_has_a_name) {
  for (int code = 0; code <= static_cast<int>(Code::kDenied); ++code) {
    EXPECT_NE(to_string(static_cast<Code>(code)), "unknown");
  }
}

}  // namespace
}  // namespace weerbaar

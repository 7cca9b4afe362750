#include "people/totp.h"

#include <gtest/gtest.h>

namespace weerbaar::people {
namespace {

const std::string kSecret = "12345678901234567890";

Time at(int64_t seconds) {
  return Time{seconds * kMicrosPerSecond, 0};
}

TEST(Totp, gives_the_vectors_of_rfc_6238) {
  struct Vector {
    int64_t seconds;
    const char* code;
  };
  for (const auto& [seconds, code] :
       {Vector{59, "94287082"}, Vector{1111111109, "07081804"}, Vector{1111111111, "14050471"},
        Vector{1234567890, "89005924"}, Vector{2000000000, "69279037"}, Vector{20000000000, "65353130"}}) {
    EXPECT_EQ(hotp(as_bytes(kSecret), static_cast<uint64_t>(seconds / kTotpSeconds), 8), code);
  }
}

TEST(Totp, gives_the_vectors_of_rfc_4226) {
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                         "254676", "287922", "162583", "399871", "520489"};
  for (uint64_t counter = 0; counter < 10; ++counter) EXPECT_EQ(hotp(as_bytes(kSecret), counter), codes[counter]);
}

TEST(Totp, takes_a_code_one_step_early_or_late_and_no_further) {
  const std::string code = hotp(as_bytes(kSecret), 1000);
  for (const int64_t step : {999, 1000, 1001}) {
    EXPECT_EQ(totp_step(as_bytes(kSecret), code, at(step * kTotpSeconds), 0), 1000) << step;
  }
  EXPECT_EQ(totp_step(as_bytes(kSecret), code, at(998 * kTotpSeconds), 0), std::nullopt);
  EXPECT_EQ(totp_step(as_bytes(kSecret), code, at(1002 * kTotpSeconds), 0), std::nullopt);
}

TEST(Totp, takes_each_code_once_and_none_before_one_that_was_used) {
  const Time now = at(1000 * kTotpSeconds);
  const std::string code = hotp(as_bytes(kSecret), 1000);
  EXPECT_EQ(totp_step(as_bytes(kSecret), code, now, 999), 1000);
  EXPECT_EQ(totp_step(as_bytes(kSecret), code, now, 1000), std::nullopt);
  EXPECT_EQ(totp_step(as_bytes(kSecret), hotp(as_bytes(kSecret), 999), now, 1000), std::nullopt);
}

TEST(Totp, refuses_what_is_no_code) {
  for (const std::string_view code : {"", "12345", "1234567", "abcdef", "      "}) {
    EXPECT_EQ(totp_step(as_bytes(kSecret), code, at(59), 0), std::nullopt) << code;
  }
}

TEST(Totp, writes_base32_as_rfc_4648_does_and_reads_it_back) {
  for (const auto& [text, base32] : {std::pair{"f", "MY"},
                                     {"fo", "MZXQ"},
                                     {"foo", "MZXW6"},
                                     {"foob", "MZXW6YQ"},
                                     {"fooba", "MZXW6YTB"},
                                     {"foobar", "MZXW6YTBOI"},
                                     {"", ""}}) {
    EXPECT_EQ(to_base32(as_bytes(text)), base32);
    const auto bytes = from_base32(base32);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(as_text(*bytes), text);
  }
  for (const char* wrong : {"M", "MZ", "mzxq", "MZXQ====", "MZX1"}) EXPECT_FALSE(from_base32(wrong)) << wrong;
}

TEST(Totp, is_enrolled_by_a_uri) {
  EXPECT_EQ(otpauth_uri("anna b", "example.org/reads", as_bytes("foobar")),
            "otpauth://totp/example.org%2Freads:anna%20b?secret=MZXW6YTBOI&issuer=example.org%2Freads&algorithm=SHA1&"
            "digits=6&period=30");
}

}  // namespace
}  // namespace weerbaar::people

#include "people/password.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weerbaar::people {
namespace {

TEST(Password, may_be_anything_long_enough_that_is_not_tried_first) {
  for (const char* good : {"twaalf woorden", "zzxy kwik fiets 9", "éáíóúàèìòùâê", "correct paard batterij nietje",
                           "een goed wachtwoord 5", "x7Gq9!mZp2Lw"}) {
    EXPECT_TRUE(check_password(good, "anna")) << good;
  }
  std::string long_one;
  while (long_one.size() < kPasswordBytesMax) long_one += static_cast<char>('!' + long_one.size() * 37 % 90);
  EXPECT_TRUE(check_password(long_one, "anna"));
}

TEST(Password, is_refused_when_short_long_common_or_the_name) {
  for (const char* bad : {"",
                          "elf tekens!",
                          "aaaaaaaaaaaa",
                          "123456789012",
                          "987654321098",
                          "abcdefghijkl",
                          "Wachtwoord2026!",
                          "Welkom123456",
                          "passwordpassword",
                          "anna.jansen2026",
                          "Weerbaar-2026!",
                          "P@ssw0rd2026!",
                          "qwertyuiop12",
                          "1q2w3e4r5t6y",
                          "iloveyou1234",
                          "footballmonkey",
                          "zomer2026!!!",
                          "Belastingdienst26",
                          "abc123abc123",
                          "sunshine2025!",
                          "jansen.jansen",
                          "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    EXPECT_FALSE(check_password(bad, "anna.jansen")) << bad;
  }
  EXPECT_FALSE(check_password(std::string(126, 'a') + "bcd", "anna"));
}

TEST(Password, is_kept_as_argon2id_with_64_mebibytes_three_passes_and_its_own_salt) {
  const auto hash = hash_password("zzxy kwik fiets 9");
  const auto again = hash_password("zzxy kwik fiets 9");
  ASSERT_TRUE(hash && again);
  EXPECT_THAT(*hash, ::testing::StartsWith("$argon2id$v=19$m=65536,t=3,p=1$"));
  EXPECT_NE(*hash, *again);
  EXPECT_TRUE(is_password("zzxy kwik fiets 9", *hash));
  EXPECT_FALSE(is_password("zzxy kwik fiets 8", *hash));
  EXPECT_FALSE(is_password("", *hash));
}

TEST(Password, is_never_equal_to_a_text_that_is_no_hash) {
  EXPECT_FALSE(is_password("x", ""));
  EXPECT_FALSE(is_password("x", "x"));
  EXPECT_FALSE(is_password("x", "$argon2id$v=19$m=65536,t=3,p=1$"));
  pretend_to_compare("x");
}

}  // namespace
}  // namespace weerbaar::people

#include "people/attempts.h"

#include <gtest/gtest.h>

namespace weerbaar::people {
namespace {

using Seconds = Attempts::Seconds;

class AttemptsTest : public ::testing::Test {
 protected:
  void fail_often(unsigned times, const std::string& account, const std::string& address) {
    for (unsigned i = 0; i < times; ++i) attempts_.failed(account, address, now_);
  }
  std::optional<Seconds> delay(const std::string& account, const std::string& address, Attempts::Moment now,
                               bool with_code = false) {
    return attempts_.delay(account, address, now, [with_code] { return with_code; });
  }

  Attempts attempts_;
  Attempts::Moment now_ = Attempts::Moment() + std::chrono::hours(100);
};

TEST_F(AttemptsTest, let_a_person_err_a_few_times) {
  fail_often(Attempts::kFreeHere - 1, "anna", "a");
  EXPECT_EQ(delay("anna", "a", now_), std::nullopt);
}

TEST_F(AttemptsTest, wait_longer_after_each_failure_up_to_a_limit) {
  Seconds last{0};
  for (unsigned i = 0; i < 30; ++i) {
    fail_often(1, "anna", "a");
    const auto wait = delay("anna", "a", now_);
    if (i + 1 < Attempts::kFreeHere) continue;
    ASSERT_TRUE(wait);
    EXPECT_TRUE(*wait > last || *wait == Attempts::kDelayMax) << i;
    last = *wait;
  }
  EXPECT_EQ(last, Attempts::kDelayMax);
  EXPECT_EQ(delay("anna", "a", now_ + Attempts::kDelayMax), std::nullopt);
}

TEST_F(AttemptsTest, do_not_lock_the_owner_out_who_comes_from_elsewhere) {
  fail_often(Attempts::kFreeAnywhere - 1, "anna", "a");
  EXPECT_TRUE(delay("anna", "a", now_));
  EXPECT_EQ(delay("anna", "b", now_), std::nullopt);
  fail_often(1000, "anna", "a");
  EXPECT_LE(delay("anna", "b", now_), Attempts::kDelayMaxAnywhere);
}

TEST_F(AttemptsTest, slow_down_an_address_that_tries_many_accounts) {
  for (unsigned i = 0; i < Attempts::kFreeAddress; ++i) attempts_.failed("u" + std::to_string(i), "a", now_);
  EXPECT_TRUE(delay("anna", "a", now_));
  EXPECT_EQ(delay("anna", "b", now_), std::nullopt);
}

TEST_F(AttemptsTest, let_in_who_shows_a_right_code_though_others_guess_from_everywhere_or_from_the_same_address) {
  for (unsigned i = 0; i < 10 * Attempts::kFreeAnywhere; ++i) {
    attempts_.failed("anna", "10.0.0." + std::to_string(i), now_);
    attempts_.failed("nobody" + std::to_string(i), "b", now_);
  }
  EXPECT_TRUE(delay("anna", "b", now_));
  EXPECT_EQ(delay("anna", "b", now_, true), std::nullopt);
}

TEST_F(AttemptsTest, make_who_guesses_wait_at_his_own_address_with_a_right_code_too) {
  fail_often(Attempts::kFreeHere, "anna", "a");
  EXPECT_TRUE(delay("anna", "a", now_, true));
}

TEST_F(AttemptsTest, do_not_tell_again_and_again_whether_a_code_is_right) {
  fail_often(Attempts::kFreeAnywhere, "anna", "a");
  for (unsigned i = 0; i < Attempts::kProbesMax; ++i) EXPECT_TRUE(delay("anna", "b", now_));
  EXPECT_TRUE(delay("anna", "b", now_, true));
  EXPECT_EQ(delay("anna", "c", now_, true), std::nullopt);
}

TEST_F(AttemptsTest, take_the_addresses_of_one_network_of_ipv6_for_one) {
  for (unsigned i = 0; i < Attempts::kFreeHere; ++i)
    attempts_.failed("anna", "2001:db8:1:2::" + std::to_string(i), now_);
  EXPECT_TRUE(delay("anna", "2001:db8:1:2:3:4:5:6", now_));
  EXPECT_EQ(delay("anna", "2001:db8:1:3::1", now_), std::nullopt);
}

TEST_F(AttemptsTest, are_forgotten_after_success_and_after_an_hour) {
  fail_often(Attempts::kFreeHere + 3, "anna", "a");
  EXPECT_EQ(delay("anna", "a", now_ + Attempts::kForget), std::nullopt);
  attempts_.succeeded("anna", "a");
  EXPECT_EQ(delay("anna", "a", now_), std::nullopt);
}

}  // namespace
}  // namespace weerbaar::people

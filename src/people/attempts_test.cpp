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
  Attempts attempts_;
  Attempts::Moment now_ = Attempts::Moment() + std::chrono::hours(100);
};

TEST_F(AttemptsTest, let_a_person_err_a_few_times) {
  fail_often(Attempts::kFreeHere - 1, "anna", "a");
  EXPECT_EQ(attempts_.delay("anna", "a", now_), std::nullopt);
}

TEST_F(AttemptsTest, wait_longer_after_each_failure_up_to_a_limit) {
  Seconds last{0};
  for (unsigned i = 0; i < 30; ++i) {
    fail_often(1, "anna", "a");
    const auto delay = attempts_.delay("anna", "a", now_);
    if (i + 1 < Attempts::kFreeHere) continue;
    ASSERT_TRUE(delay);
    EXPECT_TRUE(*delay > last || *delay == Attempts::kDelayMax) << i;
    last = *delay;
  }
  EXPECT_EQ(last, Attempts::kDelayMax);
  EXPECT_EQ(attempts_.delay("anna", "a", now_ + Attempts::kDelayMax), std::nullopt);
}

TEST_F(AttemptsTest, do_not_lock_the_owner_out_who_comes_from_elsewhere) {
  fail_often(Attempts::kFreeAnywhere - 1, "anna", "a");
  EXPECT_TRUE(attempts_.delay("anna", "a", now_));
  EXPECT_EQ(attempts_.delay("anna", "b", now_), std::nullopt);
  fail_often(1000, "anna", "a");
  EXPECT_LE(attempts_.delay("anna", "b", now_), Attempts::kDelayMaxAnywhere);
}

TEST_F(AttemptsTest, slow_down_an_address_that_tries_many_accounts) {
  for (unsigned i = 0; i < Attempts::kFreeAddress; ++i) attempts_.failed("u" + std::to_string(i), "a", now_);
  EXPECT_TRUE(attempts_.delay("anna", "a", now_));
  EXPECT_EQ(attempts_.delay("anna", "b", now_), std::nullopt);
}

TEST_F(AttemptsTest, are_forgotten_after_success_and_after_an_hour) {
  fail_often(Attempts::kFreeHere + 3, "anna", "a");
  EXPECT_EQ(attempts_.delay("anna", "a", now_ + Attempts::kForget), std::nullopt);
  attempts_.succeeded("anna", "a");
  EXPECT_EQ(attempts_.delay("anna", "a", now_), std::nullopt);
}

}  // namespace
}  // namespace weerbaar::people

#include "examine/detect/ranking.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "examine/detect/registry.h"

namespace weerbaar::detect {
namespace {

constexpr int64_t kPeriod = 14 * kMicrosPerDay;
constexpr uint32_t kEmployees = 1'000;

class RankingTest : public ::testing::Test {
 protected:
  RankingTest() {
    policy_.budget = 30;
    policy_.random = 20;
    policy_.score_min = 3;
    policy_.left = 0.5;
    policy_.rest = 2;
    policy_.detectors.assign(detectors().size(), {1, 5});
    policy_.detectors[1] = {0.5, 4};
    for (uint32_t i = 0; i < kEmployees; ++i) names_.push_back(fmt::format("e{}", i));
    ids_.assign(names_.begin(), names_.end());
  }

  Crowd crowd(int64_t days = 14) const {
    Crowd crowd;
    crowd.from = period_ * kPeriod;
    crowd.to = crowd.from + days * kMicrosPerDay;
    crowd.activities.assign(kEmployees, {10, 5, 3});
    return crowd;
  }
  void say(size_t detector, uint32_t employee, double strength, std::vector<uint64_t> events) {
    evidence_[detector].push_back({employee, strength, std::move(events), {"nl", "en"}});
  }
  std::vector<Signal> end(int64_t days = 14) {
    auto signals = ranking_.end_of_period(crowd(days), evidence_, kEmployees, ids_);
    for (auto& one : evidence_) one.clear();
    ++period_;
    return signals;
  }
  static std::vector<uint32_t> chosen(const std::vector<Signal>& signals) {
    std::vector<uint32_t> employees;
    for (const Signal& signal : signals) {
      if (!signal.is_random) employees.push_back(signal.employee);
    }
    return employees;
  }

  SignalPolicy policy_;
  Ranking ranking_{policy_, "seed"};
  std::vector<std::string> names_;
  std::vector<std::string_view> ids_;
  int64_t period_ = 0;
  std::vector<std::vector<Evidence>> evidence_{detectors().size()};
};

TEST_F(RankingTest, adds_what_detectors_say_above_one_up_to_the_cap_times_the_weight) {
  say(0, 3, 4, {7, 9});
  say(1, 3, 9, {8, 9});
  const auto signals = end();
  ASSERT_EQ(chosen(signals), std::vector<uint32_t>{3});
  EXPECT_DOUBLE_EQ(signals[0].score, 3 + 0.5 * 3);
  ASSERT_EQ(signals[0].parts.size(), 2U);
  EXPECT_EQ(signals[0].parts[0].detector, 0U);
  EXPECT_EQ(signals[0].events, (std::vector<uint64_t>{7, 8, 9}));
}

TEST_F(RankingTest, gives_no_more_than_the_budget_and_none_below_the_least_score) {
  for (uint32_t i = 0; i < 10; ++i) say(0, i, 4.1 + i * 0.05, {i});
  EXPECT_EQ(chosen(end()), (std::vector<uint32_t>{9, 8, 7}));
  say(0, 500, 3.9, {1});
  EXPECT_TRUE(chosen(end()).empty());
  for (uint32_t i = 100; i < 110; ++i) say(0, i, 4.5, {i});
  EXPECT_EQ(chosen(end(4)).size(), 1U) << "a part of a period has a part of the places";
}

TEST_F(RankingTest, remembers_what_earlier_periods_left_until_it_is_said) {
  say(0, 4, 3, {1, 2});
  EXPECT_TRUE(chosen(end()).empty());
  say(0, 4, 3.2, {3});
  const auto second = end();
  ASSERT_EQ(chosen(second), std::vector<uint32_t>{4});
  EXPECT_DOUBLE_EQ(second[0].left, 1);
  EXPECT_DOUBLE_EQ(second[0].score, 3.2);
  EXPECT_EQ(second[0].events, (std::vector<uint64_t>{1, 2, 3}));
  // It was said: nothing is left.
  say(0, 4, 3.2, {4});
  EXPECT_TRUE(chosen(end()).empty());
}

TEST_F(RankingTest, gives_no_signal_on_what_is_left_alone) {
  for (uint32_t i = 0; i < 4; ++i) say(0, i, 5 - i * 0.01, {i});
  say(1, 3, 4, {5});
  ASSERT_EQ(chosen(end()).size(), 3U);
  EXPECT_TRUE(chosen(end()).empty());
}

TEST_F(RankingTest, lets_those_who_had_a_signal_come_after_the_others) {
  say(0, 1, 5, {1});
  say(0, 2, 5, {1});
  say(0, 3, 5, {1});
  EXPECT_EQ(chosen(end()).size(), 3U);
  for (const uint32_t i : {1U, 2U, 3U}) say(0, i, 5, {1});
  say(0, 8, 4.5, {1});
  say(0, 9, 4.2, {1});
  EXPECT_EQ(chosen(end()), (std::vector<uint32_t>{8, 9, 1}));
}

TEST_F(RankingTest, draws_by_lot_the_same_for_the_same_seed_and_others_otherwise) {
  const auto drawn = [&](const std::string& seed) {
    std::set<uint32_t> all;
    Ranking ranking(policy_, seed);
    std::vector<std::vector<Evidence>> none(detectors().size());
    const auto signals = ranking.end_of_period(crowd(), none, kEmployees, ids_);
    for (const Signal& signal : signals) {
      EXPECT_TRUE(signal.is_random);
      all.insert(signal.employee);
    }
    return all;
  };
  EXPECT_EQ(drawn("a").size(), 2U);
  EXPECT_EQ(drawn("a"), drawn("a"));
  std::set<uint32_t> many;
  for (int i = 0; i < 200; ++i) many.merge(drawn(std::to_string(i)));
  EXPECT_GT(many.size(), 280U);
}

TEST_F(RankingTest, orders_by_score_and_puts_those_drawn_behind) {
  std::vector<Signal> signals(4);
  signals[0].score = 2;
  signals[1].score = 9;
  signals[1].is_random = true;
  signals[2].score = 5;
  signals[3].score = 5;
  signals[3].employee = 1;
  put_in_order(signals);
  EXPECT_EQ(signals[0].score, 5);
  EXPECT_EQ(signals[0].employee, 0U);
  EXPECT_EQ(signals[1].employee, 1U);
  EXPECT_EQ(signals[2].score, 2);
  EXPECT_TRUE(signals[3].is_random);
}

}  // namespace
}  // namespace weerbaar::detect

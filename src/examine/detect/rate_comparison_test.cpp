#include "examine/detect/rate_comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace weerbaar::detect {
namespace {

constexpr size_t kPeople = 2'000;

// People who differ from each other, in two functions of which the second does five times as much.
class Made {
 public:
  explicit Made(double dispersion) : dispersion_(dispersion) {
    for (size_t i = 0; i < kPeople; ++i) groups.push_back(i % 2 == 0 ? 1 : 2);
  }

  std::vector<Rate> period() {
    std::vector<Rate> rates(kPeople);
    for (size_t i = 0; i < kPeople; ++i) {
      rates[i].exposure = static_cast<double>(5 + random_() % 6);
      const double mean = rates[i].exposure * (groups[i] == 1 ? 0.3 : 1.5);
      std::gamma_distribution<double> between(1 / dispersion_, dispersion_ * mean);
      std::poisson_distribution<int> count(std::max(1e-9, between(random_)));
      rates[i].count = count(random_);
    }
    return rates;
  }

  std::vector<uint32_t> groups;

 private:
  double dispersion_;
  std::mt19937_64 random_{7};
};

TEST(RateComparison, is_as_often_unusual_as_chance_allows_however_much_people_differ) {
  for (const double dispersion : {0.1, 0.5, 1.5}) {
    Made made(dispersion);
    RateComparison comparison({});
    for (int period = 0; period < 4; ++period) {
      const auto results = comparison.compare(made.period(), made.groups);
      const std::pair<const char*, double RateResult::*> members[] = {{"peers", &RateResult::now_peers},
                                                                      {"own past", &RateResult::now_own},
                                                                      {"over time", &RateResult::long_peers}};
      for (const auto& [name, member] : members) {
        const auto above = [&, at = member](double strength) {
          return std::ranges::count_if(results, [&](const RateResult& one) { return one.*at > strength; });
        };
        // Expected at most 20 and 2. These people have no habits: to take their past for one errs more.
        const int rare = member == &RateResult::now_own ? 30 : 12;
        EXPECT_LT(above(2), 45) << name << " " << dispersion << " " << period;
        EXPECT_LT(above(3), rare) << name << " " << dispersion << " " << period;
      }
    }
  }
}

TEST(RateComparison, sees_who_has_far_more_than_peers_of_the_same_function_though_others_have_as_much) {
  Made made(0.3);
  RateComparison comparison({});
  std::vector<Rate> rates = made.period();
  rates[0] = {40, 10};  // of the function with 3
  rates[1] = {30, 10};  // of the function with 15
  const auto results = comparison.compare(rates, made.groups);
  EXPECT_GT(results[0].now_peers, 6);
  EXPECT_LT(results[1].now_peers, 2);
  EXPECT_LT(results[0].usual, 12);
  EXPECT_EQ(results[0].peers, kPeople / 2);
}

TEST(RateComparison, does_not_let_those_who_are_to_be_found_hide_each_other) {
  Made made(0.3);
  RateComparison comparison({});
  std::vector<Rate> rates = made.period();
  for (size_t i = 0; i < 20; i += 2) rates[i] = {60, 10};
  const auto results = comparison.compare(rates, made.groups);
  for (size_t i = 0; i < 20; i += 2) EXPECT_GT(results[i].now_peers, 5) << i;
}

TEST(RateComparison, knows_the_own_past) {
  Made made(1.0);
  RateComparison comparison({});
  for (int period = 0; period < 5; ++period) {
    std::vector<Rate> rates = made.period();
    rates[0] = {25, 10};  // always
    rates[2] = {period < 4 ? 2.0 : 25.0, 10};
    const auto results = comparison.compare(rates, made.groups);
    EXPECT_EQ(results[0].has_past, period > 0);
    if (period < 4) continue;
    EXPECT_LT(results[0].now_own, 1.5);
    EXPECT_GT(results[2].now_own, 2.5);
    EXPECT_GT(results[0].long_peers, results[0].now_peers);
  }
}

TEST(RateComparison, sees_in_the_end_who_has_a_little_more_every_time) {
  Made made(0.1);
  RateComparison comparison({.dispersion_min = 0.1, .keep = 0.85});
  std::vector<Rate> rates;
  RateResult last;
  for (int period = 0; period < 8; ++period) {
    rates = made.period();
    rates[0] = {8, 10};  // of the function with 3
    last = comparison.compare(rates, made.groups)[0];
    if (period == 0) {
      EXPECT_LT(last.long_peers, 2);
    }
  }
  EXPECT_GT(last.long_peers, 2.2);
}

TEST(RateComparison, says_nothing_about_who_was_not_there) {
  RateComparison comparison({});
  const std::vector<Rate> rates(30);
  const std::vector<uint32_t> groups(30, 1);
  for (const RateResult& result : comparison.compare(rates, groups)) {
    EXPECT_EQ(result.now_peers, 0);
    EXPECT_FALSE(result.has_past);
  }
  EXPECT_TRUE(comparison.compare({}, {}).empty());
}

}  // namespace
}  // namespace weerbaar::detect

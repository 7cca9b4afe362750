#include "examine/trace/list_evidence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "examine/trace/random.h"

namespace weerbaar::trace {
namespace {

TEST(ListEvidence, gathers_the_marks_of_each_reader) {
  ListEvidence evidence;
  for (int again = 0; again < 2; ++again) {
    evidence.clear(4);
    evidence.add(2, 0, 1);
    evidence.add(9, 1, 7);
    evidence.add(9, 3, 5);
    evidence.finish();
    ASSERT_EQ(evidence.readers(), 2U);
    EXPECT_EQ(evidence.reader(0), 2U);
    EXPECT_EQ(evidence.reader(1), 9U);
    ASSERT_EQ(evidence.marks(1).size(), 2U);
    EXPECT_EQ(evidence.marks(1)[0].item, 1U);
    EXPECT_EQ(evidence.marks(1)[0].strength, 7);
    EXPECT_EQ(evidence.items(), 4U);
  }
}

TEST(LogRatio, is_the_product_over_all_persons) {
  const std::vector<Mark> marks = {{0, 1 / 0.05}, {2, 1 / 0.001}};
  const double part = 0.8;
  const double expected = std::log(0.2 + 0.8 / 0.05) + std::log(0.2 + 0.8 / 0.001) + std::log(0.2);
  EXPECT_NEAR(log_ratio(marks, 3, part), expected, 1e-12);
  EXPECT_NEAR(score(marks, 3, 0.2, 1), expected, 1e-12);
  const double half = 2 * std::log(0.6) + std::log(0.6 + 0.4 / 0.05) - std::log(0.6) + std::log(0.6 + 0.4 / 0.001);
  EXPECT_NEAR(score(marks, 3, 0.2, 2), std::log((std::exp(expected) + std::exp(half)) / 2), 1e-9);
}

TEST(LogRatio, stays_finite_for_long_lists) {
  std::vector<Mark> marks;
  for (uint32_t item = 0; item < 10'000; ++item) marks.push_back({item, 1e9});
  EXPECT_TRUE(std::isfinite(score(marks, marks.size(), 0.2, 3)));
  EXPECT_TRUE(std::isfinite(score({}, 10'000, 0.001, 3)));
}

// The claim that a high ratio is rare rests on it: over lists that a reader has nothing to do with, the mean of the
// likelihood ratio is 1.
TEST(LogRatio, is_one_on_average_for_who_has_nothing_to_do_with_the_list) {
  Random random(7);
  constexpr int kLists = 200'000;
  constexpr size_t kItems = 4;
  const double base[kItems] = {0.3, 0.2, 0.5, 0.1};
  double sum = 0;
  for (int list = 0; list < kLists; ++list) {
    std::vector<Mark> marks;
    for (uint32_t item = 0; item < kItems; ++item) {
      if (random.fraction() < base[item]) marks.push_back({item, 1 / base[item]});
    }
    sum += std::exp(score(marks, kItems, 0.2, 3));
  }
  EXPECT_NEAR(sum / kLists, 1, 0.05);
}

}  // namespace
}  // namespace weerbaar::trace

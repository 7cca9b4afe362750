#include "base/number_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

namespace weerbaar {
namespace {

NumberSet of(const std::set<uint64_t>& numbers) {
  NumberSet made;
  for (const uint64_t number : numbers) made.add({number, number});
  return made;
}

// Ranges of the numbers, by looking at each.
std::vector<NumberRange> slow_ranges(const std::set<uint64_t>& numbers) {
  std::vector<NumberRange> ranges;
  for (const uint64_t number : numbers) {
    if (ranges.empty() || ranges.back().to + 1 != number) {
      ranges.push_back({number, number});
    } else {
      ranges.back().to = number;
    }
  }
  return ranges;
}

TEST(NumberSet, agrees_with_a_set_of_single_numbers) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    NumberSet ranges;
    std::set<uint64_t> singles;
    for (int step = 0; step < 60; ++step) {
      const uint64_t from = random() % 50;
      const uint64_t to = from + random() % 8;
      const bool adds = random() % 3 != 0;
      if (adds) {
        ranges.add({from, to});
      } else {
        ranges.remove({from, to});
      }
      for (uint64_t number = from; number <= to; ++number) {
        if (adds) {
          singles.insert(number);
        } else {
          singles.erase(number);
        }
      }
      ASSERT_EQ(ranges.ranges(), slow_ranges(singles));
      ASSERT_EQ(ranges.count(), singles.size());
      for (uint64_t number = 0; number < 60; ++number) ASSERT_EQ(ranges.contains(number), singles.contains(number));
    }
  }
}

TEST(NumberSet, what_two_have_in_common_and_what_one_has_alone_agree_with_sets) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    std::set<uint64_t> a;
    std::set<uint64_t> b;
    for (int i = 0; i < 25; ++i) {
      a.insert(random() % 40);
      b.insert(random() % 40);
    }
    std::set<uint64_t> common;
    std::set<uint64_t> without;
    std::ranges::set_intersection(a, b, std::inserter(common, common.end()));
    std::ranges::set_difference(a, b, std::inserter(without, without.end()));
    EXPECT_EQ(of(a).common(of(b)), of(common));
    EXPECT_EQ(of(a).without(of(b)), of(without));
  }
}

TEST(NumberSet, the_largest_numbers_have_their_place) {
  NumberSet all;
  all.add({UINT64_MAX - 1, UINT64_MAX});
  all.add({0, UINT64_MAX - 2});
  EXPECT_EQ(all.ranges().size(), 1U);
  EXPECT_EQ(all.count(), UINT64_MAX);
  all.remove({5, UINT64_MAX});
  EXPECT_EQ(all.count(), 5U);
}

}  // namespace
}  // namespace weerbaar

#include "examine/detect/distinct_count.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <set>

namespace weerbaar::detect {
namespace {

TEST(DistinctCount, is_near_what_a_set_of_all_holds_however_often_each_came) {
  DistinctCount count;
  std::set<uint64_t> all;
  for (uint64_t i = 0; i < 60'000; ++i) {
    const uint64_t thing = i * i % 40'009 % (1 + i / 3);
    all.insert(thing);
    count.add(XXH3_64bits(&thing, sizeof thing));
    const auto exact = static_cast<double>(all.size());
    if (i % 997 == 0) {
      EXPECT_NEAR(count.estimate(), exact, 0.25 * exact + 2) << i;
    }
  }
  EXPECT_GT(all.size(), 10'000U);
  count.clear();
  EXPECT_EQ(count.estimate(), 0);
}

TEST(DistinctCount, of_few_is_nearly_exact) {
  DistinctCount count;
  for (uint64_t thing = 1; thing <= 20; ++thing) {
    count.add(XXH3_64bits(&thing, sizeof thing));
    EXPECT_NEAR(count.estimate(), static_cast<double>(thing), 2);
  }
}

}  // namespace
}  // namespace weerbaar::detect

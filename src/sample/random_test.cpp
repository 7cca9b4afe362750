#include "sample/random.h"

#include <gtest/gtest.h>

#include <array>

namespace weerbaar::sample {
namespace {

TEST(Random, gives_the_same_on_every_machine) {
  Random random(1, Stream::kPopulation, 2, 3);
  const std::array<uint64_t, 3> first = {random.next(), random.next(), random.next()};
  Random again(1, Stream::kPopulation, 2, 3);
  for (const uint64_t number : first) EXPECT_EQ(again.next(), number);
  // Written down once: whoever changes how chance is drawn changes every sample that was ever made.
  EXPECT_EQ(scramble(1, 2), 13608149317741381227U);
  EXPECT_EQ(first[0], 10502116132389447710U);
}

TEST(Random, differs_by_seed_stream_and_number) {
  const uint64_t one = Random(1, Stream::kPopulation, 2, 3).next();
  EXPECT_NE(Random(2, Stream::kPopulation, 2, 3).next(), one);
  EXPECT_NE(Random(1, Stream::kEmployee, 2, 3).next(), one);
  EXPECT_NE(Random(1, Stream::kPopulation, 3, 3).next(), one);
  EXPECT_NE(Random(1, Stream::kPopulation, 2, 4).next(), one);
  EXPECT_NE(Random(1, Stream::kPopulation, 3, 2).next(), one);
}

TEST(Random, meets_every_number_below_a_limit_about_as_often) {
  Random random(7, Stream::kMisuse);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[random.below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, keeps_within_bounds_and_to_averages) {
  Random random(8, Stream::kMisuse);
  int64_t sum = 0;
  uint64_t rounded = 0;
  int small = 0;
  for (int i = 0; i < 30'000; ++i) {
    const int64_t number = random.between(-3, 3);
    EXPECT_GE(number, -3);
    EXPECT_LE(number, 3);
    const int64_t about = random.about(10, 20);
    EXPECT_GE(about, 10);
    EXPECT_LE(about, 20);
    sum += about;
    rounded += random.rounded(7, 3);
    small += random.small_below(100) < 10 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(sum) / 30'000, 14.7, 0.2);
  EXPECT_NEAR(static_cast<double>(rounded) / 30'000, 7.0 / 3, 0.02);
  EXPECT_NEAR(small, 30'000 / 3, 700);
}

}  // namespace
}  // namespace weerbaar::sample

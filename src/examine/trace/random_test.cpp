#include "examine/trace/random.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace weerbaar::trace {
namespace {

TEST(Random, gives_the_same_numbers_for_the_same_seed_on_every_machine) {
  Random random(5489);
  // The standard gives the ten-thousandth number of this engine with its default seed.
  uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i) last = random.below(UINT64_MAX);
  EXPECT_EQ(last, 9'981'545'732'273'789'042U);
}

TEST(Random, draws_every_number_below_the_limit_about_as_often) {
  Random random(3);
  std::array<int, 7> drawn{};
  for (int i = 0; i < 70'000; ++i) ++drawn.at(random.below(drawn.size()));
  for (const int times : drawn) EXPECT_NEAR(times, 10'000, 400);
  EXPECT_EQ(random.below(1), 0U);
  for (int i = 0; i < 1'000; ++i) {
    const double part = random.fraction();
    EXPECT_TRUE(part >= 0 && part < 1);
  }
}

}  // namespace
}  // namespace weerbaar::trace

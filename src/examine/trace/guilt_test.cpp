#include "examine/trace/guilt.h"

#include <gtest/gtest.h>

#include <vector>

namespace weerbaar::trace {
namespace {

// Five items with eight readers each, p = 0.2.
TEST(Guilt, gives_the_figures_of_papadimitriou_and_garcia_molina) {
  EXPECT_NEAR(guilt(std::vector<double>(5, 1.0 / 8), 0.2), 0.41, 0.005);
  EXPECT_NEAR(guilt(std::vector<double>(1, 1.0 / 8), 0.2), 0.10, 1e-9);
}

TEST(Guilt, is_none_for_who_saw_nothing_and_grows_with_what_somebody_alone_saw) {
  EXPECT_EQ(guilt({}, 0.2), 0);
  EXPECT_NEAR(guilt(std::vector<double>{1}, 0.2), 0.8, 1e-12);
  EXPECT_NEAR(guilt(std::vector<double>{1, 1}, 0.2), 0.96, 1e-12);
}

}  // namespace
}  // namespace weerbaar::trace

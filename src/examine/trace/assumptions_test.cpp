#include "examine/trace/assumptions.h"

#include <gtest/gtest.h>

#include <limits>

namespace weerbaar::trace {
namespace {

TEST(Assumptions, are_refused_outside_their_bounds) {
  EXPECT_TRUE(check({}));
  const auto refused = [](auto change) {
    Assumptions assumptions;
    change(assumptions);
    const Status status = check(assumptions);
    return !status && status.error().code == Code::kInvalid && !status.error().text.empty();
  };
  EXPECT_TRUE(refused([](Assumptions& a) { a.elsewhere = 0; }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.elsewhere = 1; }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.elsewhere = std::numeric_limits<double>::quiet_NaN(); }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.explained_weight = -0.1; }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.explained_weight = 1.1; }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.leakers = 0; }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.leakers = kLeakersMax + 1; }));
  EXPECT_TRUE(refused([](Assumptions& a) { a.drawings = 0; }));
}

}  // namespace
}  // namespace weerbaar::trace

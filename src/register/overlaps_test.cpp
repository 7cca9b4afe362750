#include "register/overlaps.h"

#include <gtest/gtest.h>

#include <random>

namespace weerbaar::facts {
namespace {

std::vector<size_t> slowly(std::span<const Span> spans) {
  std::vector<size_t> found(spans.size(), kNoOverlap);
  for (size_t i = 0; i < spans.size(); ++i) {
    for (size_t j = i; j-- > 0;) {
      if (spans[j].from < spans[i].to && spans[i].from < spans[j].to) found[i] = j;
    }
  }
  return found;
}

TEST(Overlaps, are_those_that_comparing_each_with_each_finds) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 400; ++round) {
    std::vector<Span> spans(random() % 40);
    const int64_t moments = 2 + static_cast<int64_t>(random() % 60);
    for (Span& span : spans) {
      span.from = static_cast<int64_t>(random()) % moments;
      span.to = span.from + 1 + static_cast<int64_t>(random() % 9);
      if (random() % 20 == 0) span.from = INT64_MIN;
      if (random() % 20 == 0) span.to = INT64_MAX;
    }
    ASSERT_EQ(first_overlaps(spans), slowly(spans)) << "round " << round;
  }
}

TEST(Overlaps, of_nothing_are_none) {
  EXPECT_TRUE(first_overlaps({}).empty());
}

}  // namespace
}  // namespace weerbaar::facts

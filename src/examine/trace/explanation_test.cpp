#include "examine/trace/explanation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "examine/trace/random.h"

namespace weerbaar::trace {
namespace {

// By trying all groups of up to as many as are considered, four at most, and nobody.
Explanation by_trying_all(const ListEvidence& evidence, const Assumptions& assumptions, size_t all_readers) {
  std::vector<std::vector<double>> strengths(evidence.readers(), std::vector<double>(evidence.items(), 0));
  for (size_t place = 0; place < evidence.readers(); ++place) {
    for (const Mark& mark : evidence.marks(place)) strengths[place][mark.item] = mark.strength;
  }
  Explanation best;
  const auto consider = [&](const std::vector<size_t>& group) {
    double ratio = 0;
    for (size_t item = 0; item < evidence.items(); ++item) {
      double sum = 0;
      for (const size_t member : group) sum += strengths[member][item];
      ratio += std::log(assumptions.elsewhere + (1 - assumptions.elsewhere) / static_cast<double>(group.size()) * sum);
    }
    const double value = ratio - static_cast<double>(group.size()) * std::log(static_cast<double>(all_readers));
    if (value <= best.score) return;
    best = {{}, ratio, value};
    for (const size_t member : group) best.readers.push_back(evidence.reader(member));
  };
  const size_t n = evidence.readers();
  for (size_t a = 0; a < n; ++a) {
    consider({a});
    for (size_t b = a + 1; b < n && assumptions.leakers > 1; ++b) {
      consider({a, b});
      for (size_t c = b + 1; c < n && assumptions.leakers > 2; ++c) {
        consider({a, b, c});
        for (size_t d = c + 1; d < n && assumptions.leakers > 3; ++d) consider({a, b, c, d});
      }
    }
  }
  return best;
}

ListEvidence by_lot(Random& random) {
  ListEvidence evidence;
  constexpr uint32_t kItems = 12;
  evidence.clear(kItems);
  for (Reader reader = 0; reader < 14; ++reader) {
    for (uint32_t item = 0; item < kItems; ++item) {
      if (random.below(4) == 0) evidence.add(reader, item, std::exp(random.fraction() * 9));
    }
  }
  evidence.finish();
  return evidence;
}

TEST(Explanation, of_up_to_three_is_the_best_there_is) {
  Random random(11);
  Assumptions assumptions;
  size_t of_size[4] = {};
  for (int run = 0; run < 400; ++run) {
    const ListEvidence evidence = by_lot(random);
    for (assumptions.leakers = 1; assumptions.leakers <= 3; ++assumptions.leakers) {
      const Explanation found = best_explanation(evidence, assumptions, 30);
      const Explanation expected = by_trying_all(evidence, assumptions, 30);
      EXPECT_EQ(found.readers, expected.readers);
      EXPECT_NEAR(found.score, expected.score, 1e-9);
      ++of_size[expected.readers.size()];
    }
  }
  for (size_t size = 1; size <= 3; ++size) EXPECT_GT(of_size[size], 20U) << size;
}

TEST(Explanation, of_four_is_hardly_ever_another_than_the_best_and_never_worse_than_that_of_three) {
  Random random(12);
  Assumptions three;
  Assumptions four;
  four.leakers = 4;
  size_t missed = 0;
  size_t of_four = 0;
  for (int run = 0; run < 200; ++run) {
    const ListEvidence evidence = by_lot(random);
    const Explanation found = best_explanation(evidence, four, 20);
    const Explanation expected = by_trying_all(evidence, four, 20);
    EXPECT_GE(found.score, best_explanation(evidence, three, 20).score);
    if (expected.readers.size() < 4) continue;
    ++of_four;
    if (found.readers != expected.readers) ++missed;
  }
  EXPECT_GT(of_four, 20U);
  EXPECT_LE(missed * 10, of_four);
}

// One has a little of everything, and would be taken first by who adds one by one.
TEST(Explanation, finds_two_who_split_the_work_together) {
  ListEvidence evidence;
  evidence.clear(12);
  for (uint32_t item = 0; item < 12; ++item) evidence.add(item < 6 ? 1 : 2, item, 200);
  for (uint32_t item = 0; item < 12; item += 2) {
    evidence.add(0, item, 12);
    evidence.add(0, item + 1, 12);
  }
  evidence.finish();
  EXPECT_EQ(best_explanation(evidence, {}, 2'000).readers, (std::vector<Reader>{1, 2}));
  Assumptions alone;
  alone.leakers = 1;
  EXPECT_EQ(best_explanation(evidence, alone, 2'000).readers, (std::vector<Reader>{0}));
}

TEST(Explanation, is_one_when_a_second_adds_no_more_than_chance_would) {
  ListEvidence evidence;
  evidence.clear(10);
  for (uint32_t item = 0; item < 8; ++item) evidence.add(5, item, 300);
  evidence.add(6, 8, 300);
  evidence.add(7, 9, 300);
  evidence.finish();
  EXPECT_EQ(best_explanation(evidence, {}, 2'000).readers, (std::vector<Reader>{5}));
}

TEST(Explanation, is_nobody_where_nobody_explains_more_than_chance) {
  ListEvidence evidence;
  evidence.clear(3);
  evidence.finish();
  EXPECT_TRUE(best_explanation(evidence, {}, 10).readers.empty());
  evidence.clear(20);
  for (uint32_t item = 0; item < 9; ++item) evidence.add(1, item, 2.5);  // a colleague who sees half of such persons
  for (uint32_t item = 8; item < 11; ++item) evidence.add(2, item, 100);
  evidence.finish();
  const Explanation nobody = best_explanation(evidence, {}, 2'000);
  EXPECT_TRUE(nobody.readers.empty());
  EXPECT_EQ(nobody.score, 0);
}

}  // namespace
}  // namespace weerbaar::trace

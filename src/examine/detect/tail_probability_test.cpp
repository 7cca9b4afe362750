#include "examine/detect/tail_probability.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weerbaar::detect {
namespace {

// The probabilities of all smaller counts, added up and taken from one.
double slow_strength(int count, double mean, double dispersion) {
  const long double r = 1 / static_cast<long double>(dispersion);
  const long double q = mean / (mean + r);
  long double probability = std::pow(1 - q, r);
  long double below = 0;
  for (int k = 0; k < count; ++k) {
    below += probability;
    probability *= q * (k + r) / (k + 1);
  }
  return static_cast<double>(-std::log10(1 - below));
}

TEST(TailProbability, is_what_remains_when_all_smaller_counts_are_added_up) {
  for (const double mean : {0.02, 0.5, 3.0, 40.0, 300.0}) {
    for (const double dispersion : {0.02, 0.3, 1.0, 4.0}) {
      for (const double times : {1.2, 2.0, 3.5}) {
        const int count = static_cast<int>(std::ceil(mean * times));
        const double slow = slow_strength(count, mean, dispersion);
        if (!(slow < 12) || count <= mean) continue;  // beyond it the slow way has no digits left
        EXPECT_NEAR(strength_of_count(count, mean, dispersion), slow, 1e-5 * (1 + slow))
            << count << " of " << mean << ", " << dispersion;
      }
    }
  }
}

TEST(TailProbability, rises_with_the_count_and_falls_with_the_dispersion_also_between_whole_numbers) {
  double last = 0;
  for (double count = 5.1; count < 200; count += 0.7) {
    const double strength = strength_of_count(count, 2, 0.5);
    EXPECT_GT(strength, last) << count;
    EXPECT_GT(strength, strength_of_count(count, 2, 1.0)) << count;
    last = strength;
  }
}

TEST(TailProbability, of_what_is_usual_is_no_evidence) {
  EXPECT_EQ(strength_of_count(0, 0, 1), 0);
  EXPECT_EQ(strength_of_count(3, 3, 0.1), 0);
  EXPECT_EQ(strength_of_count(2, 10, 0.1), 0);
}

}  // namespace
}  // namespace weerbaar::detect

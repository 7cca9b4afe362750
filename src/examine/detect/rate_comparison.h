// How unusual a count of an employee is: against peers of the same function, against that employee's own past, and over
// a long time.
//
// Counts are taken as negative binomial, in proportion to an exposure: days worked, persons looked at. A group's mean
// and dispersion are estimated with the largest counts cut off, so that who is to be found does not hide in the
// estimate; the own past is what such a mean becomes when one's own earlier counts are known (Gamma-Poisson, as in
// empirical Bayes: Robbins, 1956). Strengths are -log10 of probabilities; where the upper strengths of everybody lie
// higher than chance allows, the model fits badly and all are divided by as much (genomic control: Devlin and Roeder,
// 1999).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weerbaar::detect {

// What nobody does for the work can happen to one in five hundred in a period all the same: the mean_min of such
// counts.
inline constexpr double kByMistake = 0.002;

struct Rate {
  double count = 0;
  double exposure = 0;  // 0: was not there
};

struct RateResult {
  double now_peers = 0;   // strengths
  double now_own = 0;     // 0 without an own past
  double long_peers = 0;  // of this and what is left of earlier periods
  bool has_past = false;
  double usual = 0;    // 19 of 20 peers have at most so much now
  uint32_t peers = 0;  // of whom that is said
};

class RateComparison {
 public:
  struct Options {
    double dispersion_min = 0.1;  // that peers differ at least
    double keep = 0.8;            // what counts of the past after one more period
    double mean_min = 0;          // of the count that is expected of anybody, however little that one did
  };

  explicit RateComparison(Options options) : options_(options) {}

  // Once a period, in order. `groups` says whose peers each employee belongs to; employees keep their numbers. Memory:
  // 16 bytes an employee.
  std::vector<RateResult> compare(std::span<const Rate> rates, std::span<const uint32_t> groups);

 private:
  Options options_;
  std::vector<Rate> past_;
};

}  // namespace weerbaar::detect

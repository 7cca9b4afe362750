#include "examine/detect/tail_probability.h"

#include <math.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weerbaar::detect {
namespace {

constexpr double kMeanMin = 1e-9;
constexpr int kTermsMax = 1'000'000;
constexpr double kEnough = 1e-9;  // of the sum: what a further term would add

// std::lgamma() writes the sign to a variable that all threads share.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

}  // namespace

// P(X >= a) = I_q(a, r) with r = 1 / dispersion and q = mean / (mean + r), as the series
// q^a (1-q)^r / (a B(a, r)) x sum over n of q^n (a+r)(a+r+1)…(a+r+n-1) / ((a+1)…(a+n)): all terms are positive.
double strength_of_count(double count, double mean, double dispersion) {
  mean = std::max(mean, kMeanMin);
  if (!(count > mean)) return 0;
  const double r = 1 / std::max(dispersion, kDispersionMin);
  const double q = mean / (mean + r);
  double term = 1;
  double sum = 1;
  for (int n = 0; n < kTermsMax; ++n) {
    const double ratio = q * (count + r + n) / (count + 1 + n);
    term *= ratio;
    sum += term;
    // Later ratios only fall towards q, or rise towards it: what is left is at most a geometric series.
    const double later = std::max(ratio, q);
    if (later < 1 && term * later < (1 - later) * kEnough * sum) break;
  }
  const double log_front =
      count * std::log(q) + r * std::log1p(-q) + log_gamma(count + r) - log_gamma(count + 1) - log_gamma(r);
  return std::max(0.0, -(log_front + std::log(sum)) / std::numbers::ln10);
}

}  // namespace weerbaar::detect

// How improbable a count is, in powers of ten.
//
// Counts of people differ more than chance alone makes them: they are taken as negative binomial, a Poisson count whose
// mean varies between people (Greenwood and Yule, 1920). Its tail is an incomplete beta function, and so defined for
// counts that are no whole numbers too.
#pragma once

namespace weerbaar::detect {

// Below this, people hardly differ, and the distribution is Poisson for every purpose here.
inline constexpr double kDispersionMin = 0.01;

// -log10 P(X >= count) of a negative binomial X with this mean and a variance of mean + dispersion x mean²; 0 when the
// count does not exceed the mean, for what is usual is no evidence. Dispersions below kDispersionMin are taken as that.
// The error is below 1e-6 of the result.
double strength_of_count(double count, double mean, double dispersion);

}  // namespace weerbaar::detect

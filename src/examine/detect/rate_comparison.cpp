#include "examine/detect/rate_comparison.h"

#include <algorithm>
#include <cmath>

#include "examine/detect/tail_probability.h"

namespace weerbaar::detect {
namespace {

// Counts above this quantile are cut to it: misuse is rarer than one in forty.
constexpr double kCut = 0.975;
// A group weighs its own mean against that of everybody, as if so many of everybody belonged to it.
constexpr double kBorrowed = 5;
constexpr double kDispersionMax = 10;
// What the cut takes from the variance of counts that are all as they should be, about.
constexpr double kCutAway = 1.25;
constexpr double kUsual = 0.95;

struct Fit {
  double mean = 0;  // of a count for an exposure of one
  double dispersion = 0;
  double usual = 0;
  uint32_t people = 0;
};

// Places of those who were there, by group.
std::vector<std::vector<uint32_t>> members_of(std::span<const Rate> rates, std::span<const uint32_t> groups) {
  std::vector<std::vector<uint32_t>> members;
  for (uint32_t i = 0; i < rates.size(); ++i) {
    if (!(rates[i].exposure > 0)) continue;
    if (groups[i] >= members.size()) members.resize(groups[i] + 1);
    members[groups[i]].push_back(i);
  }
  return members;
}

double quantile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1;
  std::ranges::nth_element(values, values.begin() + static_cast<long>(place));
  return values[place];
}

double cut_of(std::span<const Rate> rates, std::span<const uint32_t> members) {
  std::vector<double> counts;
  counts.reserve(members.size());
  for (const uint32_t i : members) counts.push_back(rates[i].count);
  // One more, so that where hardly anybody has one, having one counts.
  return quantile(counts, kCut) + 1;
}

struct Sum {
  double count = 0;
  double exposure = 0;

  void add(std::span<const Rate> rates, std::span<const uint32_t> members) {
    const double cut = cut_of(rates, members);
    for (const uint32_t i : members) {
      count += std::min(rates[i].count, cut);
      exposure += rates[i].exposure;
    }
  }
};

// By the method of moments.
double dispersion_of(std::span<const Rate> rates, std::span<const uint32_t> members, double mean) {
  const double cut = cut_of(rates, members);
  double excess = 0;
  double squares = 0;
  for (const uint32_t i : members) {
    const double expected = mean * rates[i].exposure;
    const double off = std::min(rates[i].count, cut) - expected;
    excess += off * off - expected;
    squares += expected * expected;
  }
  return squares > 0 ? kCutAway * excess / squares : 0;
}

std::vector<Fit> fit(std::span<const Rate> rates, std::span<const uint32_t> groups, double dispersion_min) {
  const auto members = members_of(rates, groups);
  Sum all;
  size_t people = 0;
  for (const auto& group : members) {
    all.add(rates, group);
    people += group.size();
  }
  std::vector<Fit> fits(members.size());
  if (people == 0) return fits;
  const double exposure_each = all.exposure / static_cast<double>(people);
  // Half a count more than was seen: that nobody did a thing does not make it impossible.
  const double mean_all = (all.count + 0.5) / all.exposure;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].empty()) continue;
    Sum sum;
    sum.add(rates, members[i]);
    const double borrowed = kBorrowed * exposure_each;
    fits[i].mean = (sum.count + borrowed * mean_all) / (sum.exposure + borrowed);
    fits[i].dispersion = std::clamp(dispersion_of(rates, members[i], fits[i].mean), dispersion_min, kDispersionMax);
    std::vector<double> counts;
    for (const uint32_t member : members[i]) counts.push_back(rates[member].count);
    fits[i].usual = quantile(counts, kUsual);
    fits[i].people = static_cast<uint32_t>(counts.size());
  }
  return fits;
}

void divide_by_inflation(std::vector<RateResult>& results, std::span<const Rate> rates, double RateResult::* member) {
  struct Level {
    double share;
    double expected;  // -log10(1 - share)
  };
  constexpr Level kLevels[] = {{0.95, 1.301}, {0.98, 1.699}};
  std::vector<double> strengths;
  for (size_t i = 0; i < results.size(); ++i) {
    if (rates[i].exposure > 0) strengths.push_back(results[i].*member);
  }
  double inflation = 1;
  for (const Level& level : kLevels) inflation = std::max(inflation, quantile(strengths, level.share) / level.expected);
  for (RateResult& result : results) result.*member /= inflation;
}

}  // namespace

std::vector<RateResult> RateComparison::compare(std::span<const Rate> rates, std::span<const uint32_t> groups) {
  past_.resize(std::max(past_.size(), rates.size()));
  for (Rate& past : past_) past = {past.count * options_.keep, past.exposure * options_.keep};
  const std::vector<Fit> now = fit(rates, groups, options_.dispersion_min);
  std::vector<Rate> together(rates.begin(), rates.end());
  for (size_t i = 0; i < rates.size(); ++i) {
    // Who is away is not judged by the past alone.
    if (!(rates[i].exposure > 0)) continue;
    together[i].count += past_[i].count;
    together[i].exposure += past_[i].exposure;
  }
  const std::vector<Fit> over_time = fit(together, groups, options_.dispersion_min);
  std::vector<RateResult> results(rates.size());
  for (size_t i = 0; i < rates.size(); ++i) {
    const Rate& rate = rates[i];
    if (!(rate.exposure > 0)) continue;
    RateResult& result = results[i];
    const Fit& peers = now[groups[i]];
    result.usual = peers.usual;
    result.peers = peers.people;
    result.now_peers =
        strength_of_count(rate.count, std::max(peers.mean * rate.exposure, options_.mean_min), peers.dispersion);
    result.has_past = past_[i].exposure > 0;
    const Fit& longer = over_time[groups[i]];
    result.long_peers = strength_of_count(
        together[i].count, std::max(longer.mean * together[i].exposure, options_.mean_min), longer.dispersion);
    if (!result.has_past) continue;
    const double shape = 1 / peers.dispersion + past_[i].count;
    const double scale = 1 / (peers.dispersion * peers.mean) + past_[i].exposure;
    // One's own weeks may differ as much as people do.
    result.now_own =
        strength_of_count(rate.count, std::max(shape / scale * rate.exposure, options_.mean_min), peers.dispersion);
  }
  for (double RateResult::* const member : {&RateResult::now_peers, &RateResult::now_own, &RateResult::long_peers}) {
    divide_by_inflation(results, rates, member);
  }
  for (size_t i = 0; i < rates.size(); ++i) {
    past_[i].count += rates[i].count;
    past_[i].exposure += rates[i].exposure;
  }
  return results;
}

}  // namespace weerbaar::detect

#include "examine/detect/ranking.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/time.h"

namespace weerbaar::detect {
namespace {

constexpr double kPer = 10'000;
constexpr double kPeriod = 14.0 * kMicrosPerDay;
// Scores are rounded to so much, so that the last digits of a logarithm decide nothing.
constexpr double kScoreStep = 1'000;
// What is left below this is nothing.
constexpr double kLeftMin = 0.05;

double rounded(double score) {
  return std::round(score * kScoreStep) / kScoreStep;
}

// A part of a period has a part of the places.
size_t places_of(double per_10000, uint64_t employees, const Crowd& crowd) {
  const double share = std::min(1.0, static_cast<double>(crowd.to - crowd.from) / kPeriod);
  return static_cast<size_t>(std::ceil(per_10000 * static_cast<double>(employees) / kPer * share - 1e-9));
}

}  // namespace

void put_in_order(std::vector<Signal>& signals) {
  std::ranges::stable_sort(signals, [](const Signal& a, const Signal& b) {
    return std::tuple(a.is_random, -a.score, a.from, a.employee) <
           std::tuple(b.is_random, -b.score, b.from, b.employee);
  });
}

std::vector<Signal> Ranking::combine(const Crowd& crowd, std::span<std::vector<Evidence>> evidence) {
  std::vector<Signal> all(crowd.activities.size());
  for (uint32_t i = 0; i < all.size(); ++i) {
    all[i].employee = i;
    all[i].from = crowd.from;
    all[i].to = crowd.to;
    all[i].left = standings_[i].left;
    all[i].score = standings_[i].left;
  }
  for (size_t detector = 0; detector < evidence.size(); ++detector) {
    const DetectorWeight& weight = policy_.detectors[detector];
    for (Evidence& one : evidence[detector]) {
      const double score = weight.weight * (std::min(one.strength, weight.cap) - kStrengthMin);
      if (score <= 0) continue;
      Signal& signal = all[one.employee];
      signal.score += score;
      signal.parts.push_back({detector, rounded(score), std::move(one)});
    }
  }
  for (Signal& signal : all) {
    signal.score = rounded(signal.score);
    std::ranges::stable_sort(signal.parts, std::greater(), &SignalPart::score);
  }
  return all;
}

// Those of the strongest part first, so that what matters most is there.
void Ranking::gather_events(Signal& signal) const {
  std::vector<uint64_t>& events = signal.events;
  const auto add = [&](const std::vector<uint64_t>& more) {
    for (auto event = more.rbegin(); event != more.rend() && events.size() < kEventsMax; ++event) {
      if (std::ranges::find(events, *event) == events.end()) events.push_back(*event);
    }
  };
  for (const SignalPart& part : signal.parts) add(part.evidence.events);
  if (signal.employee < standings_.size()) add(standings_[signal.employee].events);
  std::ranges::sort(events);
}

// The smallest hashes are drawn.
void Ranking::draw(const Crowd& crowd, std::span<const std::string_view> ids, size_t places, std::vector<Signal>& all,
                   std::vector<Signal>& chosen) const {
  std::vector<std::pair<uint64_t, uint32_t>> lots;
  // How many accesses there were is known to nobody before they were made.
  uint64_t accesses = 0;
  for (const Activity& activity : crowd.activities) accesses += activity.accesses;
  for (const Signal& signal : all) {
    if (crowd.activities[signal.employee].accesses == 0) continue;
    const std::string lot = fmt::format("{}|{}|{}|{}", seed_, accesses, crowd.from, ids[signal.employee]);
    lots.emplace_back(XXH3_64bits(lot.data(), lot.size()), signal.employee);
  }
  std::ranges::sort(lots);
  const size_t before = chosen.size();
  for (const auto& [lot, employee] : lots) {
    if (chosen.size() - before == places) break;
    if (std::ranges::find(chosen, employee, &Signal::employee) != chosen.end()) continue;
    Signal signal = all[employee];
    signal.is_random = true;
    chosen.push_back(std::move(signal));
  }
}

std::vector<Signal> Ranking::end_of_period(const Crowd& crowd, std::span<std::vector<Evidence>> evidence,
                                           uint64_t employees, std::span<const std::string_view> ids) {
  standings_.resize(std::max(standings_.size(), crowd.activities.size()));
  std::vector<Signal> all = combine(crowd, evidence);
  for (Signal& signal : all) gather_events(signal);
  std::vector<const Signal*> candidates;
  for (const Signal& signal : all) {
    // What earlier periods left is not enough: something must have come.
    if (signal.score >= policy_.score_min && !signal.parts.empty()) candidates.push_back(&signal);
  }
  std::ranges::stable_sort(candidates, [&](const Signal* a, const Signal* b) {
    const auto key = [&](const Signal& one) {
      return std::tuple(standings_[one.employee].rest > 0, -one.score, one.employee);
    };
    return key(*a) < key(*b);
  });
  candidates.resize(std::min(candidates.size(), places_of(policy_.budget, employees, crowd)));
  std::vector<Signal> chosen;
  chosen.reserve(candidates.size());
  for (const Signal* const signal : candidates) chosen.push_back(*signal);
  const size_t signals = chosen.size();
  draw(crowd, ids, places_of(policy_.random, employees, crowd), all, chosen);
  for (Signal& signal : all) {
    Standing& standing = standings_[signal.employee];
    standing.left = rounded(policy_.left * signal.score);
    standing.rest -= standing.rest > 0 ? 1 : 0;
    standing.events = standing.left < kLeftMin ? std::vector<uint64_t>() : std::move(signal.events);
    if (standing.left < kLeftMin) standing.left = 0;
  }
  for (size_t i = 0; i < signals; ++i) standings_[chosen[i].employee] = {0, policy_.rest, {}};
  return chosen;
}

}  // namespace weerbaar::detect

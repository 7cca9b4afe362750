#include "examine/detect/peer_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weerbaar::detect {
namespace {

// Sums of weights that make a whole are not quite one.
constexpr double kExact = 1e-6;

double exposure_of(const Activity& activity, PeerCount::Exposure exposure) {
  switch (exposure) {
    case PeerCount::Exposure::kAccesses:
      return static_cast<double>(activity.accesses);
    case PeerCount::Exposure::kPersons:
      return activity.accesses == 0 ? 0 : std::max(1.0, activity.persons);
    case PeerCount::Exposure::kDays:
      return activity.days;
  }
  return 0;
}

}  // namespace

void LastEvents::add(uint64_t index) {
  if (!events_.empty() && events_[next_ == 0 ? events_.size() - 1 : next_ - 1] == index) return;
  if (events_.size() < kEventsMax) {
    events_.push_back(index);
    next_ = events_.size() % kEventsMax;
    return;
  }
  events_[next_] = index;
  next_ = (next_ + 1) % kEventsMax;
}

std::vector<uint64_t> LastEvents::sorted() const {
  std::vector<uint64_t> events = events_;
  std::ranges::sort(events);
  events.erase(std::ranges::unique(events).begin(), events.end());
  return events;
}

void PeerCount::forget_events() {
  is_over_ = false;
  if (options_.events_stay) return;
  for (LastEvents& events : events_) events.clear();
}

void PeerCount::add(uint32_t employee, double weight) {
  if (is_over_) forget_events();
  if (employee >= counts_.size()) counts_.resize(employee + 1);
  counts_[employee] += weight;
}

void PeerCount::add(uint32_t employee, double weight, uint64_t index) {
  add(employee, weight);
  if (employee >= events_.size()) events_.resize(employee + 1);
  events_[employee].add(index);
}

std::vector<Counted> PeerCount::end_of_period(const Crowd& crowd) {
  if (is_over_) forget_events();
  counts_.resize(std::max(counts_.size(), crowd.activities.size()));
  std::vector<Rate> rates(crowd.activities.size());
  for (size_t i = 0; i < rates.size(); ++i) {
    rates[i] = {counts_[i], exposure_of(crowd.activities[i], options_.exposure)};
  }
  const std::vector<uint32_t>& groups = options_.peers == Peers::kFunction ? crowd.by_function
                                        : options_.peers == Peers::kUnit   ? crowd.by_unit
                                                                           : crowd.everyone;
  const std::vector<RateResult> results = comparison_.compare(rates, groups);
  std::vector<Counted> counted;
  for (uint32_t i = 0; i < results.size(); ++i) {
    if (!(rates[i].exposure > 0) || (rates[i].count <= 0 && !results[i].has_past)) continue;
    counted.push_back({i, rates[i].count, results[i]});
  }
  std::ranges::fill(counts_, 0.0);
  is_over_ = true;
  return counted;
}

std::vector<uint64_t> PeerCount::events_of(uint32_t employee) const {
  return employee < events_.size() ? events_[employee].sorted() : std::vector<uint64_t>();
}

double strength_now(const Counted& counted) {
  return counted.rate.now_peers;
}

double strength_now_or_long(const Counted& counted) {
  return counted.count <= 0 ? 0 : std::max(counted.rate.now_peers, counted.rate.long_peers);
}

Words short_number(double number) {
  const double rounded = std::round(number * 10) / 10;
  const bool is_whole = rounded == std::round(rounded);
  const std::string english = is_whole ? fmt::format("{:.0f}", rounded) : fmt::format("{:.1f}", rounded);
  std::string dutch = english;
  std::ranges::replace(dutch, '.', ',');
  return {dutch, english};
}

Words in_words(double count, const Words& one, const Words& many, bool is_about) {
  const double whole = std::max(1.0, std::round(count));
  const bool is_exact = !is_about && std::abs(count - whole) < kExact;
  Words words =
      whole == 1 ? one : Words{fmt::format("{:.0f}{}", whole, many.nl), fmt::format("{:.0f}{}", whole, many.en)};
  if (is_exact) return words;
  return {"ongeveer " + words.nl, "about " + words.en};
}

Words in_times(double count) {
  return in_words(count, {"één keer", "once"}, {" keer", " times"});
}

Words words_on_peers(const RateResult& rate) {
  const Words most = short_number(rate.usual);
  return {fmt::format("van {} vergelijkbare collega's hebben 19 van de 20 ten hoogste {}", rate.peers, most.nl),
          fmt::format("of {} comparable colleagues 19 in 20 have at most {}", rate.peers, most.en)};
}

}  // namespace weerbaar::detect

#include "examine/detect/peer_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weerbaar::detect {
namespace {

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

std::string short_number(double number) {
  const double rounded = std::round(number * 10) / 10;
  if (rounded == std::round(rounded)) return fmt::format("{:.0f}", rounded);
  return fmt::format("{:.1f}", rounded);
}

Words words_on_peers(const RateResult& rate) {
  const std::string most = short_number(rate.usual);
  return {fmt::format("van {} vergelijkbare collega's hebben 19 van de 20 ten hoogste {}", rate.peers, most),
          fmt::format("of {} comparable colleagues 19 in 20 have at most {}", rate.peers, most)};
}

}  // namespace weerbaar::detect

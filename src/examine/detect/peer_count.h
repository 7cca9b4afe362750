// A count an employee that peers and the own past are a reference for: what most detectors keep.
#pragma once

#include <cstdint>
#include <vector>

#include "examine/detect/detector.h"
#include "examine/detect/rate_comparison.h"

namespace weerbaar::detect {

// The last kEventsMax numbers that were added.
class LastEvents {
 public:
  void add(uint64_t index);
  // Ascending.
  [[nodiscard]] std::vector<uint64_t> sorted() const;
  void clear() {
    events_.clear();
    next_ = 0;
  }

 private:
  std::vector<uint64_t> events_;
  size_t next_ = 0;
};

struct Counted {
  uint32_t employee = 0;
  double count = 0;
  RateResult rate;
};

// Takes 56 bytes an employee, and 8 for each event that is kept: at most 456 bytes.
class PeerCount {
 public:
  enum class Peers : uint8_t { kFunction, kUnit, kEveryone };
  enum class Exposure : uint8_t { kAccesses, kPersons, kDays };
  struct Options {
    Peers peers = Peers::kFunction;
    Exposure exposure = Exposure::kPersons;
    RateComparison::Options rate;
    bool events_stay = false;  // into later periods, for what is judged over a long time
  };

  explicit PeerCount(Options options) : options_(options), comparison_(options.rate) {}

  void add(uint32_t employee, double weight, uint64_t index);
  // Without an event.
  void add(uint32_t employee, double weight);
  [[nodiscard]] double count_of(uint32_t employee) const { return employee < counts_.size() ? counts_[employee] : 0; }

  // Those who have a count or a past, in order; then counts begin anew.
  std::vector<Counted> end_of_period(const Crowd& crowd);
  // After end_of_period(), until the next add(): what the evidence about somebody rests on.
  [[nodiscard]] std::vector<uint64_t> events_of(uint32_t employee) const;
  // Ends the period: of each who has a count or a past, in order, evidence of strength_of(counted) in the words of
  // say(counted), when that is at least kStrengthMin.
  template <class StrengthOf, class Say>
  void tell(const Crowd& crowd, StrengthOf strength_of, Say say, std::vector<Evidence>& evidence) {
    for (const Counted& one : end_of_period(crowd)) {
      const double strength = strength_of(one);
      if (strength < kStrengthMin) continue;
      evidence.push_back({one.employee, strength, events_of(one.employee), say(one)});
    }
  }

 private:
  void forget_events();

  Options options_;
  RateComparison comparison_;
  std::vector<double> counts_;      // by employee
  std::vector<LastEvents> events_;  // by employee
  bool is_over_ = false;            // the period whose events are still there
};

// Strengths, as tell() asks them: against peers in this period alone; or over a long time too, of who did it in this
// one.
double strength_now(const Counted& counted);
double strength_now_or_long(const Counted& counted);

// "of 130 comparable colleagues 19 in 20 have at most 4".
Words words_on_peers(const RateResult& rate);
// 3 as "3", 2.6 as "2,6" and "2.6".
Words short_number(double number);
// "één keer", "3 keer"; in counts of which some weigh less, as 3.5 or 0.6: "ongeveer 4 keer", "ongeveer één keer".
// `many` follows the number; more than none is at least one. `is_about`: it was not counted one by one.
Words in_words(double count, const Words& one, const Words& many, bool is_about = false);
Words in_times(double count);

}  // namespace weerbaar::detect

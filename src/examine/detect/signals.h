// Runs all detectors over the accesses of a trail, period by period, and ranks what they say.
//
// Periods are two weeks from a Monday, the same for everybody: those that begin 1970-01-05 and so on, in UTC.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "examine/detect/ranking.h"
#include "examine/detect/signal_policy.h"
#include "examine/detect/surroundings.h"
#include "examine/purpose/check.h"

namespace weerbaar::detect {

inline constexpr int64_t kPeriodMicros = 14 * kMicrosPerDay;
// Periods before the first that is asked for which are looked at too, so that there is a past: half a year.
inline constexpr int64_t kPeriodsBefore = 13;
// At most so many are looked at in one run: four years.
inline constexpr int64_t kPeriodsMax = 104;

// The first moment of the period of a moment.
int64_t period_of(int64_t micros);

struct SignalReport {
  std::vector<Signal> signals;      // in order; then those drawn by lot
  std::vector<std::string> actors;  // real identities, by the number of the employee in signals
  int64_t from = 0;                 // of the first period that signals are given of
  int64_t to = 0;
  uint64_t periods = 0;   // that signals are given of
  uint64_t accesses = 0;  // in them
  uint64_t unreadable = 0;
};

// Called now and then with the index of the entry at hand.
using TellProgress = std::function<void(uint64_t index)>;

// Signals of the periods that the range touches; of a period at its edge, of the part inside. `facts` hold what the
// judge and Surroundings::want() ask. `seed` decides who is drawn by lot. Errors of purpose::check().
Result<SignalReport> find_signals(const trail::Trail& trail, const purpose::Judge& judge, purpose::FactBase& facts,
                                  const SignalPolicy& policy, const trail::TimeRange& range, const std::string& seed,
                                  const TellProgress& tell);

}  // namespace weerbaar::detect

// How signals are ranked: the part of a control policy that says what each detector weighs and how many signals there
// may be. It is adopted, and does not learn.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::detect {

struct DetectorWeight {
  double weight = 0;  // 0: does not count
  double cap = 0;     // of the strength
};

struct SignalPolicy {
  double budget = 0;                      // signals for 10,000 employees in a period of two weeks
  double random = 0;                      // employees drawn by lot, likewise
  double score_min = 0;                   // of a signal
  double left = 0;                        // of a score, in the next period
  uint32_t rest = 0;                      // periods after a signal in which others come first
  std::vector<DetectorWeight> detectors;  // by their place in detectors()
};

// The one that comes with the program, as TOML.
std::string_view standard_signal_policy();
// kInvalid with file, line and column: what is unknown, absent or out of bounds, and what to write.
Result<SignalPolicy> read_signal_policy(std::string_view toml, std::string_view file);

}  // namespace weerbaar::detect

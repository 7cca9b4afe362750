// What a trace takes for granted. None of it can be known; every answer names them, and what becomes of the first place
// under others.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace weerbaar::trace {

inline constexpr double kElsewhereMin = 0.001;
inline constexpr double kElsewhereMax = 0.999;
inline constexpr unsigned kLeakersMax = 8;
inline constexpr uint64_t kDrawingsMax = 100'000;

struct Assumptions {
  double elsewhere = 0.2;          // p: the chance that the data of a leaked person was obtained elsewhere
  double explained_weight = 0.25;  // 0 to 1: what a consultation that the work explains weighs beside another
  unsigned leakers = 3;            // at most so many who split the work are considered
  uint64_t drawings = 999;         // control lists
  uint64_t seed = 1;               // of the drawing of control lists
};

// kInvalid names what is outside its bounds.
Status check(const Assumptions& assumptions);

}  // namespace weerbaar::trace

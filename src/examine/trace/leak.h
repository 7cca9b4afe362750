// A leak, as the log knows it: whose data leaked, and who consulted them before.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "examine/trace/activity.h"

namespace weerbaar::trace {

// Whether the work explains a consultation. What nobody judged counts as unexplained.
enum class Verdict : uint8_t { kUnknown, kUnexplained, kExplained };

struct Read {
  Reader reader = 0;
  Time time;
  Verdict verdict = Verdict::kUnknown;
  std::string rule;  // that explains it; may be empty
};

struct LeakedPerson {
  Person person = 0;        // in the activity
  std::vector<Read> reads;  // in any order; none when nobody consulted the person
};

struct Leak {
  std::vector<LeakedPerson> persons;  // each once
  // The time considered: from `from` up to, not including, `before`. All reads lie in it.
  Time from;
  Time before;
};

}  // namespace weerbaar::trace

// A detector: one idea of what misuse looks like in a stream of accesses. docs/signals.md says how to add one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "examine/detect/observation.h"

namespace weerbaar::detect {

// Accesses that evidence names at most; of more the last.
inline constexpr size_t kEventsMax = 50;
// Below this a strength is no evidence: one in ten has as much by chance.
inline constexpr double kStrengthMin = 1;

// The same said to a reader of Dutch and of English; without personal data.
struct Words {
  std::string nl;
  std::string en;
};

struct Evidence {
  uint32_t employee = 0;
  double strength = 0;           // -log10 of how probable it is without misuse, by the reference that the words name
  std::vector<uint64_t> events;  // entries that it rests on, at most kEventsMax, ascending
  Words words;
};

// What everybody did in a period, whatever it was.
struct Activity {
  uint64_t accesses = 0;
  double persons = 0;  // different ones, about
  uint32_t days = 0;   // with accesses
};

// Those who were seen so far, and what they did in the period that ends.
struct Crowd {
  int64_t from = 0;  // of the period
  int64_t to = 0;
  std::vector<Activity> activities;   // by employee; without accesses: was not there
  std::vector<Symbol> symbols;        // by employee, of the register; kUnknown when it does not know that one
  std::vector<uint32_t> by_function;  // by employee: peers have the same
  std::vector<uint32_t> by_unit;      // the same
  std::vector<uint32_t> everyone;     // all alike
};

// Not thread-safe. What it keeps grows with the employees, and not with the accesses: its header says how much each
// takes.
class Detector {
 public:
  virtual ~Detector() = default;

  // Every access, in the order of the trail.
  virtual void observe(const Observation& access) = 0;
  // Appends evidence of at least kStrengthMin, at most one for an employee. Then a period begins.
  virtual void end_of_period(const Crowd& crowd, std::vector<Evidence>& evidence) = 0;
};

}  // namespace weerbaar::detect

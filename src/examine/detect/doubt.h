// How much a look at a person is to be doubted, and how often it is counted.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "examine/detect/observation.h"

namespace weerbaar::detect {

// From 0, explained or the employee's own record, to 1, nothing leads there. What has half an explanation weighs
// little: a claimed case that is about the person though not this employee's, earlier work for the person, a broken
// glass. The hits of a search share one look. `subject` is one of those of the access.
double doubt_of(const Observation& access, const ObservedSubject& subject);

// Which persons an employee looked at within the last hour, so that a look in many screens is one look. 192 bytes an
// employee: the last eight persons.
class RecentLooks {
 public:
  // What an access adds to the weight of its look: what it weighs beyond the accesses before it. So a search with many
  // hits and the opening of one of them weigh as that opening.
  double add(uint32_t employee, uint64_t subject, int64_t time, double weight);

 private:
  static constexpr size_t kKept = 8;
  struct Look {
    uint64_t subject = 0;
    int64_t time = INT64_MIN;  // of its beginning
    double weight = 0;
  };

  std::vector<std::array<Look, kKept>> looks_;  // by employee; the latest first
};

}  // namespace weerbaar::detect

// Counts what everybody does in a period, and says who are whose peers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "examine/detect/detector.h"
#include "examine/detect/distinct_count.h"
#include "examine/detect/observer.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// 280 bytes an employee.
class CrowdCounter {
 public:
  // Fewer than this tell nothing about each other: they are compared with all who are in so few.
  static constexpr size_t kFunctionMin = 20;
  static constexpr size_t kUnitMin = 10;

  // Must outlive it.
  explicit CrowdCounter(const Surroundings& surroundings) : surroundings_(surroundings) {}

  void observe(const Observation& access);
  // Then a period begins.
  Crowd end_of_period(int64_t from, int64_t to, std::span<const ObservedEmployee> employees);

 private:
  struct Doing {
    uint64_t accesses = 0;
    uint64_t days = 0;  // a bit each
    DistinctCount persons;
  };

  const Surroundings& surroundings_;
  std::vector<Doing> doing_;  // by employee
};

}  // namespace weerbaar::detect

// For whom an employee has worked: whose looks were explained in this period or the one before.
//
// Of a person for whom the employee did not work it says otherwise in less than one in a hundred. Of who works for more
// than 260,000 persons in a period the later ones are not learned: looks at them are doubted, and not excused. So are
// all that do not fit in 512 MiB a period, which is 6,000 persons for each of 30,000 employees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "examine/detect/person_filter.h"

namespace weerbaar::detect {

class WorkMemory {
 public:
  static constexpr size_t kBytesMax = size_t{512} << 20U;  // of a period

  explicit WorkMemory(size_t bytes_max = kBytesMax) : now_(bytes_max), before_(bytes_max) {}

  [[nodiscard]] bool knows(uint32_t employee, uint64_t subject) const {
    return now_.has(employee, subject) || before_.has(employee, subject);
  }
  void learn(uint32_t employee, uint64_t subject) { now_.add(employee, subject); }
  // Forgets what was learned before the last call.
  void end_of_period() {
    std::swap(now_, before_);
    now_.clear();
  }

 private:
  PersonFilters now_;
  PersonFilters before_;
};

}  // namespace weerbaar::detect

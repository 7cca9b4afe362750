// For whom an employee has worked: whose looks were explained in this period or the one before.
//
// Of a person for whom the employee did not work it says otherwise in less than one in a hundred. Of who works for more
// than 260,000 persons in a period the later ones are not learned: looks at them are doubted, and not excused. So are
// all that do not fit in 512 MiB a period, which is 6,000 persons for each of 30,000 employees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "examine/detect/person_filter.h"

namespace weerbaar::detect {

class WorkMemory {
 public:
  static constexpr size_t kBytesMax = size_t{512} << 20U;  // of a period

  explicit WorkMemory(size_t bytes_max = kBytesMax) : bytes_max_(bytes_max), bytes_left_(bytes_max) {}

  [[nodiscard]] bool knows(uint32_t employee, uint64_t subject) const {
    return has(now_, employee, subject) || has(before_, employee, subject);
  }
  void learn(uint32_t employee, uint64_t subject) {
    if (employee >= now_.size()) now_.resize(employee + 1);
    now_[employee].add(subject, bytes_left_);
  }
  // Forgets what was learned before the last call.
  void end_of_period() {
    before_ = std::exchange(now_, {});
    bytes_left_ = bytes_max_;
  }

 private:
  static bool has(const std::vector<PersonFilter>& filters, uint32_t employee, uint64_t subject) {
    return employee < filters.size() && filters[employee].has(subject);
  }

  size_t bytes_max_;
  size_t bytes_left_;
  std::vector<PersonFilter> now_;  // by employee
  std::vector<PersonFilter> before_;
};

}  // namespace weerbaar::detect

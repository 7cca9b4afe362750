// One person at work on one day: the clock of that desk, and how accesses are noted from it.
#pragma once

#include <cstdint>
#include <span>

#include "sample/day_book.h"
#include "sample/organisation.h"
#include "sample/random.h"

namespace weerbaar::sample {

// How many accesses there are to one that the work would need, so that a sample has about as many as somebody wants.
struct Scale {
  static constexpr uint64_t kOne = 65'536;
  uint64_t value = kOne;
};

class Desk {
 public:
  Desk(const Organisation& organisation, DayBook& book, EmployeeNumber employee, int64_t day, const WorkDay& work,
       Scale scale, Random& random)
      : organisation_(organisation),
        book_(book),
        employee_(employee),
        day_(day),
        work_(work),
        scale_(scale),
        random_(random) {}

  [[nodiscard]] EmployeeNumber employee() const { return employee_; }
  [[nodiscard]] int64_t day() const { return day_; }
  [[nodiscard]] const WorkDay& work() const { return work_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] const Function& function() const { return organisation_.function_of(employee_); }
  [[nodiscard]] FunctionNumber function_number() const { return organisation_.unit_of(employee_).function; }

  // Begins the piece of work `place` of `places` that fill the day, in which there would be `accesses`; gives how many
  // there are to be.
  uint64_t begin_task(uint64_t place, uint64_t places, uint64_t accesses);
  // When it began, and the moment before which the next one does not begin.
  [[nodiscard]] int64_t task_begin() const { return task_begin_; }
  [[nodiscard]] int64_t task_end() const { return task_end_; }
  [[nodiscard]] int64_t now() const { return at_; }

  // An access of this employee, at this desk, some time after the last one.
  [[nodiscard]] NotedAccess access(Action action, SystemNumber system, Remark remark);
  void note(const NotedAccess& access, Target target) { book_.note(access, target); }
  void note(const NotedAccess& access, std::span<const Target> targets) { book_.note(access, targets); }

 private:
  [[nodiscard]] int64_t second_at(uint64_t part, uint64_t of) const;

  const Organisation& organisation_;
  DayBook& book_;
  EmployeeNumber employee_;
  int64_t day_;
  WorkDay work_;
  Scale scale_;
  Random& random_;
  int64_t task_begin_ = 0;
  int64_t task_end_ = 0;
  int64_t at_ = 0;
  int64_t gap_ = 1;
};

}  // namespace weerbaar::sample

// Who works in the administration: units, their people, and when each of them is there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sample/calendar.h"
#include "sample/population.h"
#include "sample/random.h"
#include "sample/words.h"

namespace weerbaar::sample {

using EmployeeNumber = uint32_t;
using UnitNumber = uint32_t;
inline constexpr uint32_t kNone = UINT32_MAX;

struct Unit {
  std::string id;  // "assessment-03"
  FunctionNumber function = kAssessment;
  uint32_t office = 0;
  EmployeeNumber leader = 0;
  std::vector<EmployeeNumber> members;  // the leader among them
  bool works_overtime = false;          // in the return season, evenings and Saturdays
};

struct Absence {
  int64_t first_day = 0;
  int64_t end_day = 0;  // the first that is none
  bool is_illness = false;
};

struct Employee {
  std::string id;              // also the name of the account
  std::string second_account;  // empty: has none
  PersonNumber person = 0;
  UnitNumber unit = 0;
  uint32_t office = 0;
  bool is_leader = false;
  bool works_evenings = false;
  bool uses_two_screens = false;
  uint8_t free_weekday = 7;   // 0-4; 7: works full time
  uint8_t begin_quarter = 0;  // of an hour, after seven
  uint32_t duty_region = kNone;
  int64_t first_day = 0;          // in service
  int64_t end_day = 0;            // the first one out of it
  std::vector<Absence> absences;  // in order
};

// A day of somebody who works. Seconds of the wall clock.
struct WorkDay {
  int64_t begin = 0;
  int64_t end = 0;
  bool is_at_home = false;
  int64_t home_until = 0;    // then to the office; 0: not at home first
  bool is_overtime = false;  // all of it: a Saturday in the season
  bool is_back = false;      // the first day after a week away or more
};

// To the office, when the day began at home.
inline constexpr int64_t kJourney = 45 * kMinute;
// Whether somebody is at home at a moment of a day, in microseconds.
[[nodiscard]] inline bool is_at_home(const WorkDay& work, int64_t day, int64_t micros) {
  return work.is_at_home || micros < micros_at(day, work.home_until);
}

struct OrganisationOptions {
  uint64_t seed = 1;
  uint32_t employees = 2'000;
  int64_t first_day = 0;
  int64_t days = 92;
};

class Organisation {
 public:
  // Chooses its people among the population, and marks them there.
  Organisation(const OrganisationOptions& options, Population& population);

  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] const std::vector<Employee>& employees() const { return employees_; }
  Employee& employee(EmployeeNumber number) { return employees_[number]; }
  [[nodiscard]] const Employee& employee(EmployeeNumber number) const { return employees_[number]; }
  [[nodiscard]] const Unit& unit_of(EmployeeNumber number) const { return units_[employees_[number].unit]; }
  [[nodiscard]] const Function& function_of(EmployeeNumber number) const {
    return functions()[unit_of(number).function];
  }

  // Was to work that day, and when; also who turned out to be ill.
  [[nodiscard]] std::optional<WorkDay> rostered(EmployeeNumber number, int64_t day) const;
  // Did work.
  [[nodiscard]] std::optional<WorkDay> working(EmployeeNumber number, int64_t day) const;
  [[nodiscard]] bool is_ill(EmployeeNumber number, int64_t day) const;
  // "T-UTR-0412" in the office, "L104233" at home.
  [[nodiscard]] std::string terminal(EmployeeNumber number, int64_t day, bool is_at_home, uint32_t screen) const;

  [[nodiscard]] uint64_t seed() const { return options_.seed; }
  [[nodiscard]] int64_t first_day() const { return options_.first_day; }
  [[nodiscard]] int64_t end_day() const { return options_.first_day + options_.days; }

 private:
  void make_units();
  void make_employees(Population& population);
  void make_absences(EmployeeNumber number);
  void choose_leavers();
  [[nodiscard]] const Absence* absence(EmployeeNumber number, int64_t day) const;

  OrganisationOptions options_;
  std::vector<Unit> units_;
  std::vector<Employee> employees_;
};

}  // namespace weerbaar::sample

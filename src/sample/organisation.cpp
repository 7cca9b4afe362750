#include "sample/organisation.h"

#include <fmt/format.h>

#include <algorithm>

namespace weerbaar::sample {
namespace {

// A unit is as many people as one leader knows.
constexpr uint32_t kUnitSize = 40;
constexpr uint64_t kSecondAccountOfThousand = 50;  // of an older system, or for management
constexpr uint64_t kTwoScreensOfThousand = 10;
constexpr uint64_t kElsewhereOfThousand = 120;  // who works at another office than the unit
constexpr uint64_t kNearOfThousand = 800;       // who lives where the office is
constexpr uint64_t kHomeFirstOfThousand = 40;   // of days at the office
constexpr uint64_t kPartTimeOfThousand = 380;
constexpr uint64_t kLeaveOfThousand = 12;  // who leave, and who come, in a quarter: about 5 % a year
constexpr int64_t kQuarterDays = 92;
// 25 days of leave a year, 5.5 % of days ill: figures of the central government.
constexpr uint64_t kSpringHolidayOfThousand = 330;
constexpr int64_t kDaysBetweenHolidays = 45;
constexpr int64_t kDaysBetweenIllnesses = 70;
constexpr uint64_t kLongIllnessOfThousand = 40;
constexpr uint64_t kOvertimeUnitOfTen = 3;  // of the units that handle returns
constexpr int64_t kEndOfDay = 23 * kHour;

}  // namespace

Organisation::Organisation(const OrganisationOptions& options, Population& population) : options_(options) {
  make_units();
  make_employees(population);
  choose_leavers();
  for (EmployeeNumber number = 0; number < employees_.size(); ++number) make_absences(number);
}

void Organisation::make_units() {
  Random random(options_.seed, Stream::kOrganisation);
  for (uint32_t function = 0; function < kFunctions; ++function) {
    const uint64_t people = uint64_t{options_.employees} * functions()[function].share / 1'000;
    const uint64_t units = std::max<uint64_t>(1, (people + kUnitSize / 2) / kUnitSize);
    for (uint64_t i = 1; i <= units; ++i) {
      Unit unit;
      unit.id = fmt::format("{}-{:02}", functions()[function].id, i);
      unit.function = static_cast<FunctionNumber>(function);
      unit.office = static_cast<uint32_t>(units_.size() * 3 % offices().size());
      unit.works_overtime = function == kAssessment && (i == 1 || random.below(10) < kOvertimeUnitOfTen);
      units_.push_back(std::move(unit));
    }
  }
}

void Organisation::make_employees(Population& population) {
  // The units of each function get its share; what is left over by rounding goes to the first.
  std::vector<UnitNumber> places;
  for (uint32_t function = 0; function < kFunctions; ++function) {
    std::vector<UnitNumber> of_function;
    for (UnitNumber unit = 0; unit < units_.size(); ++unit) {
      if (units_[unit].function == function) of_function.push_back(unit);
    }
    const uint64_t people = std::max<uint64_t>(2, uint64_t{options_.employees} * functions()[function].share / 1'000);
    for (uint64_t i = 0; i < people; ++i) places.push_back(of_function[i % of_function.size()]);
  }
  while (places.size() < options_.employees) places.push_back(places[places.size() % kUnitSize]);
  places.resize(options_.employees);
  for (EmployeeNumber number = 0; number < options_.employees; ++number) {
    Random random(options_.seed, Stream::kEmployee, number);
    Unit& unit = units_[places[number]];
    const Function& function = functions()[unit.function];
    Employee employee;
    employee.id = fmt::format("u{}", 100'000 + number * uint64_t{7'919} % 899'981);
    employee.unit = places[number];
    employee.is_leader = unit.members.empty();
    employee.office =
        random.chance(kElsewhereOfThousand) ? static_cast<uint32_t>(random.below(offices().size())) : unit.office;
    employee.works_evenings = random.chance(function.evening);
    employee.uses_two_screens = random.chance(kTwoScreensOfThousand);
    if (random.chance(kSecondAccountOfThousand)) employee.second_account = "x" + employee.id.substr(1);
    if (random.chance(kPartTimeOfThousand)) employee.free_weekday = static_cast<uint8_t>(random.below(5));
    employee.begin_quarter = static_cast<uint8_t>(random.about(0, 9));
    if (unit.function == kInspection && !employee.is_leader) {
      employee.duty_region = static_cast<uint32_t>(random.below(population.regions()));
    }
    employee.first_day = options_.first_day - random.between(400, 9'000);
    employee.end_day = options_.first_day + options_.days + random.between(400, 9'000);
    do {
      const bool is_near = random.chance(kNearOfThousand);
      employee.person = is_near ? population.adult_near(employee.office, random) : population.adult(random);
    } while (population.person(employee.person).is_employee || population.person(employee.person).is_honey ||
             population.person(employee.person).is_public_figure);
    population.person(employee.person).is_employee = true;
    if (employee.is_leader) unit.leader = number;
    unit.members.push_back(number);
    employees_.push_back(std::move(employee));
  }
}

void Organisation::choose_leavers() {
  Random random(options_.seed, Stream::kOrganisation, 1);
  for (Employee& employee : employees_) {
    const uint64_t parts = kLeaveOfThousand * static_cast<uint64_t>(options_.days);
    if (employee.is_leader) continue;
    if (random.chance(parts, 1'000 * static_cast<uint64_t>(kQuarterDays))) {
      employee.end_day =
          options_.first_day + 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(options_.days)));
    } else if (random.chance(parts, 1'000 * static_cast<uint64_t>(kQuarterDays))) {
      employee.first_day =
          options_.first_day + static_cast<int64_t>(random.below(static_cast<uint64_t>(options_.days)));
    }
  }
}

// Days away follow each other without overlap: each is drawn after the end of the last.
void Organisation::make_absences(EmployeeNumber number) {
  Random random(options_.seed, Stream::kAbsence, number);
  Employee& employee = employees_[number];
  const int64_t end = end_day();
  const bool takes_spring = random.chance(kSpringHolidayOfThousand);
  for (int64_t day = options_.first_day - random.between(0, 20); day < end;) {
    const bool is_illness = random.between(0, kDaysBetweenHolidays + kDaysBetweenIllnesses) < kDaysBetweenHolidays;
    const int64_t pause = random.between(
        1, 2 * kDaysBetweenHolidays * kDaysBetweenIllnesses / (kDaysBetweenHolidays + kDaysBetweenIllnesses));
    int64_t begin = day + pause;
    int64_t length = is_illness ? 1 + static_cast<int64_t>(random.small_below(7)) : random.about(1, 12);
    if (is_illness && random.chance(kLongIllnessOfThousand)) length = random.between(20, 60);
    if (!is_illness && takes_spring && begin < end) {
      // The free days move to the week in which schools are closed, when it lies ahead.
      for (int64_t spring = day + 1; spring < begin + 40; ++spring) {
        if (!is_spring_holiday(spring) || weekday(spring) != 0) continue;
        begin = spring;
        length = 7;
        break;
      }
    }
    employee.absences.push_back({begin, begin + length, is_illness});
    day = begin + length;
  }
}

const Absence* Organisation::absence(EmployeeNumber number, int64_t day) const {
  for (const Absence& absence : employees_[number].absences) {
    if (day < absence.first_day) return nullptr;
    if (day < absence.end_day) return &absence;
  }
  return nullptr;
}

bool Organisation::is_ill(EmployeeNumber number, int64_t day) const {
  const Absence* const away = absence(number, day);
  return away != nullptr && away->is_illness;
}

std::optional<WorkDay> Organisation::rostered(EmployeeNumber number, int64_t day) const {
  const Employee& employee = employees_[number];
  if (day < employee.first_day || day >= employee.end_day) return std::nullopt;
  const Absence* const away = absence(number, day);
  if (away != nullptr && !away->is_illness) return std::nullopt;
  Random random(options_.seed, Stream::kRoster, number, static_cast<uint64_t>(day));
  WorkDay work;
  const Unit& unit = units_[employee.unit];
  const bool is_overtime = unit.works_overtime && is_return_season(day) && random.chance(400);
  if (is_day_off(day)) {
    const bool is_saturday = weekday(day) == 5;
    if (!is_overtime || !is_saturday) return std::nullopt;
    work.begin = 9 * kHour;
    work.end = 14 * kHour;
    work.is_overtime = true;
    return work;
  }
  if (weekday(day) == employee.free_weekday) return std::nullopt;
  const int64_t shifted = random.between(-1, 1) * 15 * kMinute;
  work.begin = 7 * kHour + employee.begin_quarter * 15 * kMinute + shifted + kHour / 2;
  if (employee.works_evenings && random.chance(350)) work.begin = 13 * kHour;
  work.end = work.begin + 8 * kHour + kHour / 2;
  if (is_overtime) work.end = std::min(work.end + random.between(2, 3) * kHour, kEndOfDay);
  work.is_at_home = random.chance(functions()[unit.function].at_home);
  const bool may_begin_at_home = !work.is_at_home && functions()[unit.function].at_home > 0;
  if (may_begin_at_home && random.chance(kHomeFirstOfThousand)) {
    work.home_until = work.begin + random.between(6, 14) * 15 * kMinute;
  }
  for (const Absence& last : employee.absences) {
    constexpr int64_t kLong = 6;
    if (last.end_day > day) break;
    if (last.end_day - last.first_day < kLong || last.is_illness) continue;
    // The first working day after it: no day between was one.
    bool is_first = true;
    for (int64_t between = last.end_day; between < day && is_first; ++between) {
      is_first = is_day_off(between) || weekday(between) == employee.free_weekday;
    }
    work.is_back = work.is_back || is_first;
  }
  return work;
}

std::optional<WorkDay> Organisation::working(EmployeeNumber number, int64_t day) const {
  if (is_ill(number, day)) return std::nullopt;
  return rostered(number, day);
}

std::string Organisation::terminal(EmployeeNumber number, int64_t day, bool is_at_home, uint32_t screen) const {
  const Employee& employee = employees_[number];
  if (is_at_home) return "L" + employee.id.substr(1);
  // Desks are taken by who comes first; a unit sits together.
  constexpr uint64_t kDesks = 60;
  const uint64_t desk = scramble(scramble(number, static_cast<uint64_t>(day)), screen) % kDesks;
  return fmt::format("T-{}-{:02}{:02}", offices()[employee.office].id, employee.unit % 100, desk);
}

}  // namespace weerbaar::sample

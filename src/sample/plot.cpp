#include "sample/plot.h"

#include <algorithm>

#include "base/time.h"

namespace weerbaar::sample {
namespace {

constexpr int kTries = 400;
// Of the days of a whole week.
constexpr int64_t kWorksOfHundred = 45;
constexpr uint64_t kLeakedOfHundred = 70;
constexpr uint64_t kElsewhereOfHundred = 30;
constexpr uint64_t kReportedOfHundred = 35;
// Most look when everybody does; of a few a part of the looks is in the evening.
constexpr uint64_t kCarelessOfThousand = 250;
constexpr uint64_t kAfterHoursOfThousand = 250;

}  // namespace

Plot::Plot(World& world, MisuseKind kind, uint64_t number)
    : world_(world),
      random_(world.seed, Stream::kMisuse, static_cast<uint64_t>(kind), number),
      number_(static_cast<uint16_t>(world.plan.cases.size() + 1)),
      is_careless_(random_.chance(kCarelessOfThousand)) {
  PlantedCase planted;
  planted.kind = kind;
  world.plan.cases.push_back(std::move(planted));
}

int64_t Plot::day_at(int64_t hundredth) const {
  const int64_t first = world_.organisation.first_day();
  return first + (world_.organisation.end_day() - first) * hundredth / 100;
}

EmployeeNumber Plot::choose_actor(const std::function<bool(EmployeeNumber)>& fits) {
  const Organisation& organisation = world_.organisation;
  const int64_t days = organisation.end_day() - organisation.first_day();
  for (int i = 0; i < kTries; ++i) {
    const auto number = static_cast<EmployeeNumber>(random_.below(organisation.employees().size()));
    const Employee& employee = organisation.employee(number);
    const FunctionNumber function = organisation.unit_of(number).function;
    // Those with a duty for a region may open all of it.
    if (employee.is_leader || world_.is_actor[number] || function == kItSupport || function == kInspection) continue;
    if (employee.first_day > organisation.first_day() || employee.end_day < organisation.end_day()) continue;
    const auto at_work =
        static_cast<int64_t>(days_at_work(number, organisation.first_day(), organisation.end_day()).size());
    if (at_work * 100 < days * kWorksOfHundred || !fits(number)) continue;
    return number;
  }
  return kNone;
}

void Plot::add_actor(EmployeeNumber actor) {
  world_.is_actor[actor] = true;
  planted().actors.push_back(world_.organisation.employee(actor).id);
}

std::vector<int64_t> Plot::days_at_work(EmployeeNumber actor, int64_t begin, int64_t end) const {
  std::vector<int64_t> days;
  for (int64_t day = begin; day < end; ++day) {
    const auto work = world_.organisation.working(actor, day);
    if (work && !work->is_overtime) days.push_back(day);
  }
  return days;
}

void Plot::keep_from(EmployeeNumber actor, PersonNumber person) {
  world_.wanted.keep_from(world_.organisation.employee(actor).unit, person);
}

PersonNumber Plot::choose_person(EmployeeNumber actor) {
  const Population& population = world_.population;
  for (;;) {
    const bool is_near = random_.chance(600);
    const PersonNumber person = is_near ? population.adult_near(world_.organisation.employee(actor).office, random_)
                                        : population.adult(random_);
    const Person& one = population.person(person);
    if (one.is_honey || one.is_employee) continue;
    keep_from(actor, person);
    return person;
  }
}

int64_t Plot::moment(EmployeeNumber actor, int64_t day) {
  const auto work = world_.organisation.working(actor, day);
  if (!work) return micros_at(day, 12 * kHour);
  int64_t second = random_.between(work->begin + 10 * kMinute, work->end - 25 * kMinute);
  if (is_careless_ && random_.chance(kAfterHoursOfThousand)) second = work->end + random_.between(20, 90) * kMinute;
  return micros_at(day, second) + random_.between(0, kMicrosPerSecond - 1);
}

SystemNumber Plot::any_system(EmployeeNumber actor) {
  const std::span<const SystemNumber> systems = world_.organisation.function_of(actor).systems;
  return systems[random_.small_below(systems.size())];
}

PlannedAccess& Plot::look(EmployeeNumber actor, int64_t day, int64_t micros, Action action, SystemNumber system,
                          std::span<const Target> targets) {
  PlannedAccess planned;
  planned.day = day;
  planned.planted = number_;
  planned.targets.assign(targets.begin(), targets.end());
  NotedAccess& access = planned.access;
  access.micros = micros;
  access.employee = actor;
  access.seated = actor;
  access.action = action;
  access.system = system;
  access.component = static_cast<uint8_t>(random_.below(systems()[system].components.size()));
  access.records = static_cast<uint32_t>(targets.size());
  access.planted = number_;
  access.names_activity = random_.chance(700);
  const auto work = world_.organisation.working(actor, day);
  access.is_at_home = work && is_at_home(*work, day, micros);
  world_.plan.accesses.push_back(std::move(planned));
  return world_.plan.accesses.back();
}

int64_t Plot::look_up(EmployeeNumber actor, int64_t day, int64_t micros, PersonNumber person, uint64_t reads) {
  if (random_.chance(650)) {
    look(actor, day, micros, Action::kSearch, kBvr, person).access.query = Query::kNumber;
    micros += random_.between(4, 40) * kMicrosPerSecond + random_.between(0, 999'999);
  }
  for (uint64_t i = 0; i < reads; ++i) {
    look(actor, day, micros, Action::kRead, any_system(actor), person);
    micros += random_.between(8, 90) * kMicrosPerSecond + random_.between(0, 999'999);
  }
  return micros;
}

void Plot::leak(std::span<const PersonNumber> persons, int64_t day) {
  std::vector<PersonNumber> list;
  for (const PersonNumber person : persons) {
    if (list.size() * 100 < persons.size() * kLeakedOfHundred) list.push_back(person);
  }
  const size_t own = list.size();
  const auto has = [&list](PersonNumber person) { return std::ranges::find(list, person) != list.end(); };
  const size_t all = (own * 100 + 50) / (100 - kElsewhereOfHundred);
  while (list.size() < all) {
    const PersonNumber person = world_.population.adult(random_);
    if (world_.population.person(person).is_honey || has(person)) continue;
    if (std::ranges::find(persons, person) == persons.end()) list.push_back(person);
  }
  for (size_t i = list.size() - 1; i > 0; --i) std::swap(list[i], list[random_.below(i + 1)]);
  PlantedCase& planted = this->planted();
  planted.leaked_at = micros_at(day, random_.between(6 * kHour, 23 * kHour));
  for (const PersonNumber person : list) planted.leaked.push_back("bsn:" + world_.population.bsn(person));
  const int64_t last = world_.organisation.end_day() - 1;
  for (const PersonNumber person : list) {
    if (!random_.chance(kReportedOfHundred, 100)) continue;
    const int64_t reported = std::max(std::min(day + random_.between(4, 30), last), day + 1);
    world_.plan.reports.push_back({number_, person, micros_at(reported, random_.between(8 * kHour, 20 * kHour))});
  }
}

}  // namespace weerbaar::sample

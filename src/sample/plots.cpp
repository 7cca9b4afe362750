// How each kind of misuse goes.
#include <algorithm>

#include "base/time.h"
#include "sample/plot.h"

namespace weerbaar::sample {
namespace {

// Of `days`, about every so many one.
std::vector<int64_t> some_of(const std::vector<int64_t>& days, int64_t apart_min, int64_t apart_max, Random& random) {
  std::vector<int64_t> chosen;
  int64_t next = days.empty() ? 0 : days.front() + random.between(0, apart_max);
  for (const int64_t day : days) {
    if (day < next) continue;
    chosen.push_back(day);
    next = day + random.between(apart_min, apart_max);
  }
  if (chosen.empty() && !days.empty()) chosen.push_back(days[random.below(days.size())]);
  return chosen;
}

// Part of the time: some weeks, of a sample that may be shorter.
std::vector<int64_t> some_weeks(Plot& plot, EmployeeNumber actor, int64_t weeks_min, int64_t weeks_max) {
  const int64_t first = plot.day_at(3);
  const int64_t last = plot.day_at(99);
  const int64_t length = std::min(plot.random().between(weeks_min, weeks_max) * 7, last - first);
  const int64_t begin = first + plot.random().between(0, last - first - length);
  std::vector<int64_t> days = plot.days_at_work(actor, begin, begin + length);
  if (days.empty()) return plot.days_at_work(actor, first, last);
  return days;
}

bool is_honest(const Person& person) {
  return !person.is_honey && !person.is_employee;
}

// Adults of a few households of the actor's street, not the actor's own.
std::vector<PersonNumber> neighbours_of(Plot& plot, EmployeeNumber actor) {
  const Population& population = plot.population();
  const PersonNumber self = plot.organisation().employee(actor).person;
  const uint32_t own = population.person(self).household;
  const int64_t nearest = plot.random().between(1, 2);
  std::vector<PersonNumber> persons;
  for (const int64_t distance : {nearest, -plot.random().between(1, 4), plot.random().between(3, 8)}) {
    const int64_t number = own + distance;
    if (number < 0 || number >= static_cast<int64_t>(population.households().size())) continue;
    const Household& household = population.households()[static_cast<size_t>(number)];
    if (household.street != population.households()[own].street) continue;
    for (uint32_t i = 0; i < household.persons; ++i) {
      const PersonNumber person = household.first + i;
      if (is_honest(population.person(person)) && persons.size() < 7) persons.push_back(person);
    }
  }
  return persons;
}

// A screen of the actor's work, beside that of the register of persons, that shows addresses.
struct Screen {
  SystemNumber system = kBvr;
  uint8_t component = 1;
};
Screen screen_of_addresses(Plot& plot, EmployeeNumber actor) {
  std::vector<Screen> screens;
  for (const SystemNumber system : plot.organisation().function_of(actor).systems) {
    const std::span<const Component> components = systems()[system].components;
    for (size_t i = 0; i < components.size(); ++i) {
      if (std::ranges::find(components[i].data, "address") == components[i].data.end() || system == kBvr) continue;
      screens.push_back({system, static_cast<uint8_t>(i)});
    }
  }
  return screens.empty() ? Screen() : screens[plot.random().below(screens.size())];
}

}  // namespace

void plot_curious_neighbour(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor([&](EmployeeNumber number) {
    const Population& population = plot.population();
    const uint32_t household = population.person(plot.organisation().employee(number).person).household;
    // In the middle of a street, so that there are some on both sides.
    const uint32_t street = population.households()[household].street;
    return household >= 9 && household + 9 < population.households().size() &&
           population.households()[household - 9].street == street &&
           population.households()[household + 9].street == street;
  });
  if (actor == kNone) return;
  plot.add_actor(actor);
  std::vector<PersonNumber> neighbours = neighbours_of(plot, actor);
  if (neighbours.empty()) return;
  for (const PersonNumber person : neighbours) plot.keep_from(actor, person);
  Random& random = plot.random();
  const int64_t apart = random.between(3, 6);
  for (const int64_t day : some_of(some_weeks(plot, actor, 4, 9), 1, apart, random)) {
    int64_t at = plot.moment(actor, day);
    if (random.chance(300)) {
      PlannedAccess& search = plot.look(actor, day, at, Action::kSearch, kBvr, neighbours[0]);
      search.access.query = Query::kAddress;
      at += random.between(5, 30) * kMicrosPerSecond;
    }
    for (uint64_t i = 1 + random.below(2); i > 0; --i) {
      at = plot.look_up(actor, day, at, neighbours[random.small_below(neighbours.size())], 1 + random.below(3));
    }
  }
}

void plot_ex_partner(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor();
  if (actor == kNone) return;
  plot.add_actor(actor);
  Population& population = plot.population();
  Random& random = plot.random();
  const Employee& employee = plot.organisation().employee(actor);
  PersonNumber former = kNobody;
  const Household* home = nullptr;
  do {
    former = population.adult_near(employee.office, random);
    home = &population.household_of(former);
  } while (home->adults != 2 || !is_honest(population.person(home->first)) ||
           !is_honest(population.person(home->first + 1)) ||
           population.person(former).household == population.person(employee.person).household);
  const PersonNumber successor = home->first == former ? former + 1 : home->first;
  plot.keep_from(actor, former);
  plot.keep_from(actor, successor);
  if (random.chance(700)) {
    // They lived together once, where others live now.
    const auto shared = static_cast<uint32_t>(random.below(population.households().size()));
    const int64_t until = (plot.organisation().first_day() - random.between(60, 600)) * kMicrosPerDay;
    population.add_former_address({employee.person, shared, until});
    population.add_former_address({former, shared, until});
  }
  const bool is_declared = population.former_address(employee.person) == nullptr || random.chance(250);
  if (is_declared) plot.declare_former_partner(actor, former);
  for (const int64_t day : some_of(some_weeks(plot, actor, 5, 12), 2, 5, random)) {
    const int64_t at = plot.look_up(actor, day, plot.moment(actor, day), former, 1 + random.below(2));
    if (random.chance(300)) plot.look_up(actor, day, at, successor, 1);
    if (random.chance(250) && population.has_vehicle(former)) {
      const Target vehicle{former, Guise::kVehicle};
      plot.look(actor, day, at + random.between(70, 200) * kMicrosPerSecond, Action::kRead, kAuto, {&vehicle, 1});
    }
  }
}

void plot_celebrity(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor();
  if (actor == kNone) return;
  plot.add_actor(actor);
  const Population& population = plot.population();
  Random& random = plot.random();
  std::vector<PersonNumber> famous;
  for (uint64_t i = 1 + random.below(4); i > 0; --i) {
    famous.push_back(population.public_figures()[random.below(population.public_figures().size())]);
    plot.keep_from(actor, famous.back());
  }
  // Some names in the papers are bait.
  if (random.chance(300)) famous.push_back(population.honey()[random.below(population.honey().size())]);
  const std::vector<int64_t> days = some_weeks(plot, actor, 1, 5);
  for (const PersonNumber person : famous) {
    for (uint64_t visits = 1 + random.below(4); visits > 0; --visits) {
      const int64_t day = days[random.below(days.size())];
      int64_t at = plot.moment(actor, day);
      if (random.chance(550)) {
        std::vector<Target> hits = {{person, Guise::kCitizen}};
        for (uint64_t more = random.below(4); more > 0; --more) {
          const PersonNumber namesake = population.namesake(person, random);
          if (namesake == person) continue;
          plot.keep_from(actor, namesake);
          hits.push_back({namesake, Guise::kCitizen});
        }
        plot.look(actor, day, at, Action::kSearch, kBvr, hits).access.query = Query::kSurname;
        at += random.between(5, 30) * kMicrosPerSecond;
      }
      plot.look_up(actor, day, at, person, 1 + random.below(3));
    }
  }
}

void plot_address_seller(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor();
  if (actor == kNone) return;
  plot.add_actor(actor);
  Random& random = plot.random();
  std::vector<PersonNumber> persons;
  const auto wanted = static_cast<size_t>(random.between(22, 60));
  // Some buyers want people, others want streets.
  const bool is_by_street = random.chance(300);
  while (persons.size() < wanted) {
    const PersonNumber person = plot.choose_person(actor);
    persons.push_back(person);
    if (!is_by_street) continue;
    const Population& population = plot.population();
    const uint32_t begin = population.person(person).household;
    for (uint32_t i = begin + 1; i < std::min<size_t>(begin + 10, population.households().size()); ++i) {
      const PersonNumber next = population.households()[i].first;
      if (!is_honest(population.person(next)) || persons.size() == wanted) continue;
      plot.keep_from(actor, next);
      persons.push_back(next);
    }
  }
  std::ranges::sort(persons);
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  if (!is_by_street) {
    for (size_t i = persons.size() - 1; i > 0; --i) std::swap(persons[i], persons[random.below(i + 1)]);
  }
  std::vector<int64_t> days = plot.days_at_work(actor, plot.day_at(4), plot.day_at(58));
  const auto bursts = static_cast<size_t>(random.between(4, 9));
  while (days.size() > bursts) days.erase(days.begin() + static_cast<std::ptrdiff_t>(random.below(days.size())));
  if (days.empty()) return;
  const Screen other = screen_of_addresses(plot, actor);
  const auto day_of = [&](size_t i) { return days[i * days.size() / persons.size()]; };
  int64_t at = 0;
  for (size_t i = 0; i < persons.size(); ++i) {
    const int64_t day = day_of(i);
    const bool is_first = i == 0 || day_of(i - 1) != day;
    at = is_first ? plot.moment(actor, day)
                  : at + random.between(25, 160) * kMicrosPerSecond + random.between(0, 999'999);
    PlannedAccess& search = plot.look(actor, day, at, Action::kSearch, kBvr, persons[i]);
    search.access.query = Query::kNumber;
    search.access.component = 0;
    if (!random.chance(600)) continue;
    at += random.between(3, 20) * kMicrosPerSecond;
    const Screen screen = random.chance(800) ? Screen() : other;
    plot.look(actor, day, at, Action::kRead, screen.system, persons[i]).access.component = screen.component;
  }
  plot.leak(persons, plot.day_at(random.between(62, 74)));
}

void plot_mass_export(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor();
  if (actor == kNone) return;
  plot.add_actor(actor);
  const Population& population = plot.population();
  Random& random = plot.random();
  const int64_t end = plot.day_at(random.between(60, 97));
  std::vector<int64_t> days = plot.days_at_work(actor, end - random.between(6, 14), end);
  if (days.empty()) days = plot.days_at_work(actor, plot.day_at(5), end);
  if (days.empty()) return;
  plot.organisation().employee(actor).end_day = days.back() + 1;
  for (uint64_t i = static_cast<uint64_t>(random.between(4, 11)); i > 0; --i) {
    const int64_t day = days[days.size() - 1 - random.small_below(days.size())];
    std::vector<Target> list;
    const auto size = static_cast<uint64_t>(random.between(60, 400));
    uint32_t household = static_cast<uint32_t>(random.below(population.households().size()));
    while (list.size() < size) {
      // A list is in some order: a street, and then another.
      if (random.chance(60)) household = static_cast<uint32_t>(random.below(population.households().size()));
      household = static_cast<uint32_t>((household + 1) % population.households().size());
      const PersonNumber person = population.households()[household].first;
      if (population.person(person).is_employee) continue;
      plot.keep_from(actor, person);
      list.push_back({person, Guise::kCitizen});
    }
    const int64_t evening = random.chance(750) ? random.between(18 * kHour + 30 * kMinute, 22 * kHour) : 17 * kHour;
    const uint64_t draw = random.below(10);
    const Action action = draw < 5 ? Action::kExport : draw < 8 ? Action::kList : Action::kPrint;
    PlannedAccess& one = plot.look(actor, day, micros_at(day, evening) + random.between(0, 999'999), action,
                                   draw < 8 ? kRapport : kBrief, list);
    one.access.records = static_cast<uint32_t>(size * (action == Action::kExport ? 4 : 1));
  }
}

void plot_shared_account(Plot& plot) {
  const EmployeeNumber owner = plot.choose_actor();
  if (owner == kNone) return;
  plot.add_actor(owner);
  const Organisation& organisation = plot.organisation();
  const EmployeeNumber borrower = plot.choose_actor([&](EmployeeNumber number) {
    return organisation.employee(number).office != organisation.employee(owner).office &&
           organisation.employee(number).unit != organisation.employee(owner).unit;
  });
  if (borrower == kNone) return;
  plot.add_actor(borrower);
  Random& random = plot.random();
  for (const int64_t day : some_of(some_weeks(plot, borrower, 3, 9), 1, random.between(2, 4), random)) {
    const auto of_owner = organisation.working(owner, day);
    int64_t at = plot.moment(borrower, day);
    // The owner is in the midst of work, elsewhere; or is not there at all.
    if (of_owner) at = std::clamp(at, micros_at(day, of_owner->begin + kHour), micros_at(day, of_owner->end - kHour));
    const auto of_borrower = organisation.working(borrower, day);
    for (uint64_t persons = 1 + random.below(3); persons > 0; --persons) {
      const PersonNumber person = plot.choose_person(owner);
      for (uint64_t looks = 2 + random.below(3); looks > 0; --looks) {
        PlannedAccess& one = plot.look(owner, day, at, Action::kRead, plot.any_system(owner), person);
        one.access.seated = borrower;
        one.access.is_at_home = of_borrower && is_at_home(*of_borrower, day, at);
        at += random.between(15, 80) * kMicrosPerSecond + random.between(0, 999'999);
      }
    }
  }
}

void plot_slow_leaker(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor();
  if (actor == kNone) return;
  plot.add_actor(actor);
  Random& random = plot.random();
  const int64_t leaked = plot.day_at(random.between(72, 86));
  std::vector<PersonNumber> before;
  for (int64_t week = plot.day_at(0); week < plot.day_at(100); week += 7) {
    const std::vector<int64_t> days = plot.days_at_work(actor, week, std::min(week + 7, plot.day_at(100)));
    if (days.empty()) continue;
    for (uint64_t persons = 1 + random.below(3); persons > 0; --persons) {
      const int64_t day = days[random.below(days.size())];
      const PersonNumber person = plot.choose_person(actor);
      plot.look_up(actor, day, plot.moment(actor, day), person, 1 + random.below(2));
      if (day < leaked) before.push_back(person);
    }
  }
  plot.leak(before, leaked);
}

void plot_break_glass_abuse(Plot& plot) {
  const EmployeeNumber actor = plot.choose_actor();
  if (actor == kNone) return;
  plot.add_actor(actor);
  const Population& population = plot.population();
  Random& random = plot.random();
  const int64_t apart = random.between(2, 4);
  for (const int64_t day : some_of(some_weeks(plot, actor, 4, 10), 1, apart, random)) {
    const uint64_t draw = random.below(10);
    PersonNumber person = kNobody;
    if (draw < 4) {
      person = population.shielded()[random.below(population.shielded().size())];
    } else if (draw < 5) {
      person = population.public_figures()[random.below(population.public_figures().size())];
    }
    if (person == kNobody) person = plot.choose_person(actor);
    plot.keep_from(actor, person);
    int64_t at = plot.moment(actor, day);
    for (uint64_t looks = 1 + random.below(3); looks > 0; --looks) {
      // The rule that explains a broken glass asks for a reason, and takes any: these are without.
      plot.look(actor, day, at, Action::kRead, plot.any_system(actor), person).access.break_glass = true;
      at += random.between(15, 80) * kMicrosPerSecond + random.between(0, 999'999);
    }
  }
}

void plot_corrupt_pair(Plot& plot) {
  const EmployeeNumber first = plot.choose_actor();
  if (first == kNone) return;
  plot.add_actor(first);
  const Organisation& organisation = plot.organisation();
  const EmployeeNumber second = plot.choose_actor(
      [&](EmployeeNumber number) { return organisation.employee(number).unit != organisation.employee(first).unit; });
  if (second == kNone) return;
  plot.add_actor(second);
  Random& random = plot.random();
  const int64_t begin = plot.day_at(random.between(3, 15));
  const int64_t end = plot.day_at(random.between(45, 66));
  const EmployeeNumber actors[] = {first, second};
  const std::vector<int64_t> days[] = {plot.days_at_work(first, begin, end), plot.days_at_work(second, begin, end)};
  if (days[0].empty() || days[1].empty()) return;
  std::vector<PersonNumber> persons;
  const auto wanted = static_cast<size_t>(random.between(22, 42));
  for (size_t i = 0; i < wanted; ++i) {
    const EmployeeNumber actor = actors[i % 2];
    const PersonNumber person = plot.choose_person(actor);
    const int64_t day = days[i % 2][random.below(days[i % 2].size())];
    plot.look_up(actor, day, plot.moment(actor, day), person, 1 + random.below(2));
    persons.push_back(person);
  }
  constexpr uint64_t kHidesOfThousand = 400;
  if (random.chance(kHidesOfThousand)) {
    plot.planted().hides_behind_case = true;
    for (uint64_t i = 2 + random.below(3); i > 0; --i) {
      const int64_t day = days[0][random.below(days[0].size())];
      plot.look(first, day, plot.moment(first, day), Action::kRead, kBvr, persons[0]).is_of_own_case = true;
    }
  }
  for (size_t i = persons.size() - 1; i > 0; --i) std::swap(persons[i], persons[random.below(i + 1)]);
  plot.leak(persons, plot.day_at(random.between(68, 80)));
}

}  // namespace weerbaar::sample

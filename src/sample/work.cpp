#include "sample/work.h"

#include <algorithm>

#include "base/time.h"

namespace weerbaar::sample {
namespace {

// Cases that somebody has at hand; who has fewer takes a new one.
constexpr uint64_t kCasesMin = 14;
constexpr uint64_t kCasesMax = 26;
constexpr int64_t kBacklogDays = 60;
constexpr int64_t kLongAbsenceDays = 6;
constexpr uint64_t kHandedOverOfHundred = 40;
constexpr int64_t kDaysOfNews = 3;

// Shares of the usual amount of work, in hundredths.
constexpr uint64_t kSeasonPace = 128;  // returns and questions about them
constexpr uint64_t kMondayPace = 110;
constexpr uint64_t kFridayPace = 88;
constexpr uint64_t kLeaderPace = 45;
constexpr uint64_t kBackPace = 200;  // what lay waiting for two weeks

constexpr uint64_t kCoverOfThousand = 60;  // of the work on cases is on one of a colleague in the unit
constexpr uint64_t kBusyWhileIllOfThousand = 40;
constexpr int64_t kBadgeSlack = 12 * kMinute;

}  // namespace

Work::Work(const Population& population, const Organisation& organisation, const Wanted& wanted, Scale scale,
           DayBook& book, FactWriter* facts)
    : population_(population),
      organisation_(organisation),
      wanted_(wanted),
      scale_(scale),
      book_(book),
      facts_(facts),
      cases_(population, organisation, facts),
      audits_(organisation.employees().size()) {
  Random random(organisation.seed(), Stream::kLookAlike);
  const int64_t days = organisation.end_day() - organisation.first_day();
  for (UnitNumber unit = 0; unit < organisation.units().size(); ++unit) {
    const FunctionNumber function = organisation.units()[unit].function;
    if (function != kAssessment && function != kObjections && function != kInheritance) continue;
    // About once a quarter a client of a unit is in the news.
    const int64_t day = organisation.first_day() + random.between(0, std::max<int64_t>(days - kDaysOfNews - 1, 0));
    if (random.chance(700)) news_.emplace_back(day, unit);
  }
}

void Work::make_backlog() {
  for (EmployeeNumber number = 0; number < organisation_.employees().size(); ++number) {
    const FunctionNumber function = organisation_.unit_of(number).function;
    if (functions()[function].mix.cases == 0 || organisation_.employee(number).is_leader) continue;
    if (organisation_.employee(number).first_day > organisation_.first_day()) continue;
    Random random(organisation_.seed(), Stream::kBacklog, number);
    const WorkDay nothing;
    Desk desk(organisation_, book_, number, organisation_.first_day(), nothing, scale_, random);
    for (uint64_t i = random.below(kCasesMin) + kCasesMin / 2; i > 0; --i) {
      const int64_t day = organisation_.first_day() - random.between(1, kBacklogDays);
      const PersonNumber person = choose_person(desk);
      if (person == kNobody) continue;
      Case& one = cases_.open(number, person, micros_at(day, random.between(9 * kHour, 16 * kHour)), true, random);
      one.next_day = organisation_.first_day() + random.between(0, 9);
    }
  }
}

Status Work::add_day(int64_t day) {
  for (const Unit& unit : organisation_.units()) {
    for (const EmployeeNumber employee : unit.members) {
      WEERBAAR_TRY(hand_over_when_away(employee, day));
      const auto work = organisation_.rostered(employee, day);
      if (!work) continue;
      WEERBAAR_TRY(add_roster(employee, day, *work));
      WEERBAAR_TRY(do_work(employee, day, *work));
    }
  }
  for (UnitNumber unit = 0; unit < organisation_.units().size(); ++unit) {
    print_in_bulk(unit, day);
    WEERBAAR_TRY(look_at_news(unit, day));
  }
  run_services(day);
  return {};
}

Status Work::finish() {
  for (EmployeeNumber employee = 0; employee < audits_.size(); ++employee) {
    while (!audits_[employee].empty()) WEERBAAR_TRY(end_audit(employee, 0, facts::kUntilFurtherNotice));
  }
  return cases_.finish();
}

Status Work::add_roster(EmployeeNumber number, int64_t day, const WorkDay& work) {
  if (facts_ == nullptr) return {};
  const Employee& employee = organisation_.employee(number);
  const std::string_view location = work.is_at_home ? "home" : offices()[employee.office].id;
  WEERBAAR_TRY(facts_->add("shift", {employee.id, location}, micros_at(day, work.begin), micros_at(day, work.end)));
  if (work.is_at_home || organisation_.is_ill(number, day)) return {};
  Random random(organisation_.seed(), Stream::kBadge, number, static_cast<uint64_t>(day));
  const int64_t came = work.home_until != 0 ? work.home_until + kJourney : work.begin;
  return facts_->add("presence", {employee.id, location}, micros_at(day, came - random.between(kMinute, kBadgeSlack)),
                     micros_at(day, work.end + random.between(kMinute, kBadgeSlack)));
}

// Before a long absence some cases go to a colleague, and all of them at the end of service.
Status Work::hand_over_when_away(EmployeeNumber number, int64_t day) {
  const Employee& employee = organisation_.employee(number);
  const std::vector<Case>& active = cases_.active(number);
  if (active.empty()) return {};
  const bool has_left = day >= employee.end_day;
  const bool is_going = std::ranges::any_of(employee.absences, [&](const Absence& absence) {
    return absence.first_day == day && absence.end_day - absence.first_day >= kLongAbsenceDays;
  });
  if (!has_left && !is_going) return {};
  Random random(organisation_.seed(), Stream::kHandover, number, static_cast<uint64_t>(day));
  const std::vector<EmployeeNumber>& colleagues = organisation_.unit_of(number).members;
  for (size_t place = active.size(); place-- > 0;) {
    if (!has_left && !random.chance(kHandedOverOfHundred, 100)) continue;
    const EmployeeNumber to = colleagues[random.below(colleagues.size())];
    const Employee& receiver = organisation_.employee(to);
    if (to == number || receiver.is_leader || day < receiver.first_day || day >= receiver.end_day) continue;
    WEERBAAR_TRY(cases_.hand_over(number, place, to, micros_at(day, 7 * kHour)));
  }
  return {};
}

uint64_t Work::tasks_of(EmployeeNumber number, int64_t day, const WorkDay& work, Random& random) const {
  const FunctionNumber function = organisation_.unit_of(number).function;
  const bool has_season = function == kAssessment || function == kPhone || function == kCounter;
  uint64_t pace = is_return_season(day) && has_season ? kSeasonPace : 100;
  if (weekday(day) == 0) pace = pace * kMondayPace / 100;
  if (weekday(day) == 4) pace = pace * kFridayPace / 100;
  if (work.is_back) pace = pace * kBackPace / 100;
  if (organisation_.employee(number).is_leader) pace = pace * kLeaderPace / 100;
  pace = pace * static_cast<uint64_t>(work.end - work.begin) / static_cast<uint64_t>(8 * kHour + kHour / 2);
  // No day is like the other.
  pace = pace * static_cast<uint64_t>(random.about(60, 140)) / 100;
  return random.rounded(functions()[function].tasks_of_ten_days * pace, 1'000);
}

Status Work::do_work(EmployeeNumber number, int64_t day, const WorkDay& work) {
  Random random(organisation_.seed(), Stream::kWorkDay, number, static_cast<uint64_t>(day));
  uint64_t tasks = tasks_of(number, day, work, random);
  WorkDay there = work;
  if (organisation_.is_ill(number, day)) {
    // Who is ill mostly does nothing, and now and then something from bed.
    tasks = random.chance(kBusyWhileIllOfThousand) ? std::min<uint64_t>(tasks, 1) : 0;
    there.is_at_home = true;
    there.home_until = 0;
  }
  Desk desk(organisation_, book_, number, day, there, scale_, random);
  for (uint64_t task = 0; task < tasks; ++task) WEERBAAR_TRY(do_task(desk, task, tasks));
  return {};
}

Status Work::do_task(Desk& desk, uint64_t place, uint64_t places) {
  Random& random = desk.random();
  const uint64_t accesses = 2 + random.below(3) + random.small_below(4);
  uint64_t draw = random.below(Noise::kOf);
  const auto is = [&draw](uint64_t share) {
    const bool hit = draw < share;
    draw -= hit ? 0 : share;
    return hit;
  };
  const bool has_cases = desk.function().mix.test == 0;
  if (is(Noise::kColleagueHelps) && has_cases) {
    help_colleague(desk, desk.begin_task(place, places, accesses));
    return {};
  }
  if (is(Noise::kOwnRecord)) {
    const uint64_t looks = desk.begin_task(place, places, 2);
    look_at(desk, organisation_.employee(desk.employee()).person, looks, Remark::kOwnRecord);
    return {};
  }
  if (is(Noise::kBreakGlass) && has_cases) {
    break_glass(desk, desk.begin_task(place, places, accesses));
    return {};
  }
  if (organisation_.employee(desk.employee()).is_leader && random.chance(700)) {
    review(desk, desk.begin_task(place, places, accesses));
    return {};
  }
  const WorkMix& mix = desk.function().mix;
  uint64_t kind = random.below(100);
  const auto falls = [&kind](uint64_t share) {
    const bool hit = kind < share;
    kind -= hit ? 0 : share;
    return hit;
  };
  if (falls(mix.cases)) return work_on_case(desk, place, places);
  const uint64_t count = desk.begin_task(place, places, mix.test != 0 ? 3 : accesses);
  if (falls(mix.phone)) return talk(desk, "phone", count);
  if (falls(mix.counter)) return talk(desk, "counter", count);
  if (falls(mix.letter)) return talk(desk, "letter", count);
  if (falls(mix.queue)) return take_from_queue(desk, count);
  if (falls(mix.audit)) return work_on_audit(desk, count);
  if (falls(mix.region)) {
    look_in_region(desk, count);
  } else {
    test_system(desk, count);
  }
  return {};
}

Status Work::open_case(Desk& desk, PersonNumber person, size_t& place) {
  Random& random = desk.random();
  // On record some hours before; or, late, some days afterwards.
  int64_t registered = desk.task_begin() - random.between(10 * kMinute, 20 * kHour) * kMicrosPerSecond;
  const bool is_late = random.chance(Noise::kLateRegistration, Noise::kOf);
  if (is_late) registered = desk.task_end() + random.between(4 * kHour, 40 * kHour) * kMicrosPerSecond;
  cases_.open(desk.employee(), person, registered, false, random);
  place = cases_.active(desk.employee()).size() - 1;
  return {};
}

Status Work::work_on_case(Desk& desk, uint64_t place, uint64_t places) {
  Random& random = desk.random();
  const uint64_t accesses = desk.begin_task(place, places, 2 + random.below(4) + random.small_below(5));
  if (random.chance(kCoverOfThousand) && cover_for_colleague(desk, accesses)) return {};
  std::vector<Case>& active = cases_.active(desk.employee());
  const std::vector<ClosedCase>& closed = cases_.closed(desk.employee());
  constexpr uint64_t kAfterCareOfThousand = 20;
  if (!closed.empty() && random.chance(kAfterCareOfThousand)) {
    const ClosedCase& one = closed[random.below(closed.size())];
    if (desk.day() < one.until_day) {
      look_at(desk, one.person, accesses, Remark::kAfterCare);
      return {};
    }
  }
  size_t chosen = active.size();
  if (active.size() >= kCasesMin) {
    // Of a few that lie on top, the first whose turn it is.
    for (int i = 0; i < 6 && chosen == active.size(); ++i) {
      const size_t one = random.below(active.size());
      if (active[one].next_day <= desk.day() || active.size() > kCasesMax) chosen = one;
    }
  }
  if (chosen == active.size()) {
    const PersonNumber person = choose_person(desk);
    if (person == kNobody) return {};
    if (accesses > 0 && random.chance(Noise::kNameSearch, Noise::kOf)) search_by_name(desk, person);
    WEERBAAR_TRY(open_case(desk, person, chosen));
  }
  Case& one = active[chosen];
  const bool is_on_record = one.registered <= desk.task_begin();
  read_about(desk, desk.employee(), one, accesses, is_on_record ? Remark::kOrdinary : Remark::kLateRegistration);
  one.next_day = std::max(one.next_day, desk.day() + random.between(1, 9));
  if (one.sessions_left > 0) --one.sessions_left;
  if (one.sessions_left > 0 || one.registered >= desk.task_end()) return {};
  return cases_.close(desk.employee(), chosen, desk.task_end(), desk.day());
}

const Case* Work::case_of_colleague(EmployeeNumber colleague, int64_t micros, Random& random) const {
  const std::vector<Case>& active = cases_.active(colleague);
  if (active.empty()) return nullptr;
  const Case& one = active[random.below(active.size())];
  return one.registered <= micros && one.handled_since <= micros ? &one : nullptr;
}

Status Work::look_at_news(UnitNumber unit, int64_t day) {
  for (const auto& [begin, about] : news_) {
    if (about != unit || day < begin || day >= begin + kDaysOfNews) continue;
    // Everybody who may have to answer for it reads it up, and all of them belong to the unit whose case it is.
    for (const EmployeeNumber member : organisation_.units()[unit].members) {
      const auto work = organisation_.working(member, day);
      if (!work) continue;
      Random random(organisation_.seed(), Stream::kLookAlike, member, static_cast<uint64_t>(day));
      Desk desk(organisation_, book_, member, day, *work, scale_, random);
      const uint64_t accesses = desk.begin_task(random.below(9), 10, 2 + random.below(3));
      const EmployeeNumber handler = organisation_.units()[unit].members.back();
      std::vector<Case>& active = cases_.active(handler);
      const auto famous = std::ranges::find_if(
          active, [&](const Case& one) { return population_.person(one.person).is_public_figure; });
      if (famous != active.end()) {
        if (famous->registered <= desk.task_begin() && random.chance(350)) {
          read_about(desk, handler, *famous, accesses, Remark::kMedia);
        }
        continue;
      }
      const PersonNumber person = population_.public_figures()[random.below(population_.public_figures().size())];
      if (!wanted_.may_handle(unit, person)) continue;
      Case& one = cases_.open(handler, person, micros_at(day - 1, 15 * kHour), false, random);
      one.next_day = day + kDaysOfNews;
    }
  }
  return {};
}

}  // namespace weerbaar::sample

#include "sample/day_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace weerbaar::sample {
namespace {

constexpr std::string_view kInvalidAttribute = "bsn_invalid";
constexpr Attribute kMistypedAttributes[] = {{kInvalidAttribute, "true"}};

// As in a list that is typed over: the sixth and the seventh digit, or the first two that differ before them.
std::string mistyped(std::string digits) {
  for (size_t i = digits.size() - 2; i > 0; --i) {
    if (digits[i] == digits[i - 1]) continue;
    std::swap(digits[i], digits[i - 1]);
    return digits;
  }
  return digits;
}

SubjectType type_of(Guise guise) {
  switch (guise) {
    case Guise::kVehicle:
      return SubjectType::kVehicle;
    case Guise::kFirm:
      return SubjectType::kRsin;
    case Guise::kTradeEntry:
      return SubjectType::kKvk;
    case Guise::kMistyped:
      return SubjectType::kOther;
    default:
      return SubjectType::kBsn;
  }
}

}  // namespace

std::string case_name(uint32_t number, int64_t year) {
  return number >= kOldCases ? fmt::format("Z-{}-{:07}", year - 1, number - kOldCases)
                             : fmt::format("Z-{}-{:07}", year, number);
}

DayBook::DayBook(const Population& population, const Organisation& organisation, Take take, TakePlanted take_planted)
    : population_(population),
      organisation_(organisation),
      take_(std::move(take)),
      take_planted_(std::move(take_planted)),
      numbers_(kSystems, 0) {
  for (const System& system : systems()) service_accounts_.push_back(fmt::format("svc-{}", system.source));
}

void DayBook::note(NotedAccess access, std::span<const Target> targets) {
  if (!take_) {
    count(access);
    return;
  }
  access.order = static_cast<uint32_t>(noted_.size());
  access.targets_begin = static_cast<uint32_t>(targets_.size());
  access.targets = static_cast<uint32_t>(targets.size());
  targets_.insert(targets_.end(), targets.begin(), targets.end());
  noted_.push_back(access);
}

void DayBook::count(const NotedAccess& access) {
  ++counts_.events;
  if (access.case_number != 0) ++counts_.claims;
  if (access.planted == 0) ++counts_.remarks[static_cast<size_t>(access.remark)];
}

Status DayBook::give(int64_t day) {
  std::ranges::sort(noted_, {}, [](const NotedAccess& access) { return std::tuple(access.micros, access.order); });
  for (const NotedAccess& noted : noted_) {
    count(noted);
    add_event(noted, day);
    if (batch_.size() < kBatchEvents) continue;
    WEERBAAR_TRY(take_(batch_));
    batch_.clear();
  }
  if (!batch_.empty()) WEERBAAR_TRY(take_(batch_));
  batch_.clear();
  noted_.clear();
  targets_.clear();
  return {};
}

void DayBook::add_event(const NotedAccess& noted, int64_t day) {
  const System& system = systems()[noted.system];
  const Component& component = system.components[noted.component % system.components.size()];
  AccessEvent event;
  event.id = batch_.keep(fmt::format("{}-{:09}", system.name, ++numbers_[noted.system]));
  event.source = system.source;
  event.time.micros = noted.micros;
  event.action = noted.action;
  event.system = system.name;
  event.component = component.name;
  event.data = component.data;
  event.records = noted.records;
  event.purpose.break_glass = noted.break_glass;
  if (noted.reason != 0) event.purpose.reason = good_reasons()[noted.reason - 1U];
  if (noted.case_number != 0) {
    const int64_t year = civil_from_days(organisation_.first_day()).year;
    event.purpose.case_id = batch_.keep(case_name(noted.case_number, year));
  }
  set_actor(noted, event);
  set_workplace(noted, day, event);
  set_subjects(noted, event);
  if (noted.targets > 0 && noted.query != Query::kNothing) {
    event.query = query_of(noted.query, targets_[noted.targets_begin]);
  }
  batch_.add(event);
  if (noted.planted != 0) take_planted_(noted.planted, event);
}

void DayBook::set_actor(const NotedAccess& noted, AccessEvent& event) const {
  if (noted.account == Account::kService) {
    event.actor.id = service_accounts_[noted.employee];
    event.actor.type = ActorType::kService;
    return;
  }
  const Employee& employee = organisation_.employee(noted.employee);
  const Unit& unit = organisation_.unit_of(noted.employee);
  event.actor.id = noted.account == Account::kSecond ? employee.second_account : employee.id;
  event.actor.function = functions()[unit.function].id;
  event.actor.unit = unit.id;
  if (noted.names_activity) event.purpose.processing_activity = functions()[unit.function].activity;
}

void DayBook::set_workplace(const NotedAccess& noted, int64_t day, AccessEvent& event) {
  if (noted.account == Account::kService) {
    event.workplace.terminal = "batch";
    return;
  }
  const Employee& seated = organisation_.employee(noted.seated);
  event.workplace.terminal = batch_.keep(organisation_.terminal(noted.seated, day, noted.is_at_home, noted.screen));
  event.workplace.location = noted.is_at_home ? "home" : offices()[seated.office].id;
  const uint64_t place = noted.is_at_home ? noted.seated : scramble(noted.seated, static_cast<uint64_t>(day));
  event.workplace.ip = batch_.keep(fmt::format("10.{}.{}.{}", noted.is_at_home ? 200 : 10 + seated.office,
                                               place / 250 % 250, place % 250 + 1 + noted.screen));
}

void DayBook::set_subjects(const NotedAccess& noted, AccessEvent& event) {
  subjects_.clear();
  for (const Target& target : std::span(targets_).subspan(noted.targets_begin, noted.targets)) {
    subjects_.push_back({type_of(target.guise), id_of(target), {}});
    if (target.guise == Guise::kMistyped) event.attributes = kMistypedAttributes;
  }
  event.subjects = batch_.keep(std::span<const Subject>(subjects_));
}

std::string_view DayBook::id_of(Target target) {
  switch (target.guise) {
    case Guise::kVehicle:
      return batch_.keep(population_.number_plate(target.person));
    case Guise::kFirm:
      return batch_.keep(population_.rsin(target.person));
    case Guise::kTradeEntry:
      return batch_.keep(population_.kvk(target.person));
    case Guise::kMistyped:
      return batch_.keep(mistyped(population_.bsn(target.person)));
    default:
      return batch_.keep(population_.bsn(target.person));
  }
}

std::string_view DayBook::query_of(Query query, Target target) {
  switch (query) {
    case Query::kSurname:
      return population_.surname(target.person);
    case Query::kAddress:
      return batch_.keep(population_.address(population_.person(target.person).household));
    default:
      return id_of(target);
  }
}

}  // namespace weerbaar::sample

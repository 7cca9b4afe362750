// The kinds of work, one by one.
#include <algorithm>

#include "base/time.h"
#include "sample/work.h"

namespace weerbaar::sample {
namespace {

constexpr uint64_t kNearOfHundred = 70;  // clients who live where the unit is
constexpr uint64_t kClaimOfHundred = 78;
constexpr uint64_t kColleagueOfHundred = 8;  // cases about colleagues mostly go to a unit that knows nobody
constexpr int kTries = 24;
constexpr size_t kAuditsMax = 4;
constexpr uint64_t kPrintMax = 180;

bool is_about_firms(SystemNumber system) {
  return system == kContrl || system == kOndern || system == kOmzet || system == kLoon || system == kVennoot ||
         system == kRisico || system == kMilieu;
}
Guise guise_of_firm(SystemNumber system) {
  return system == kOndern ? Guise::kTradeEntry : Guise::kFirm;
}
bool is_about_vehicles(SystemNumber system) {
  return system == kAuto || system == kRitten || system == kBpmreg;
}

}  // namespace

bool Work::may_handle(EmployeeNumber number, PersonNumber person, Random& random) const {
  const Person& one = population_.person(person);
  if (one.is_honey) return false;
  if (one.is_employee && !random.chance(kColleagueOfHundred, 100)) return false;
  if (one.household == population_.person(organisation_.employee(number).person).household) return false;
  const UnitNumber unit = organisation_.employee(number).unit;
  const Household& household = population_.household_of(person);
  // The partner may come along.
  for (uint32_t i = 0; i < household.adults; ++i) {
    if (!wanted_.may_handle(unit, household.first + i)) return false;
  }
  return true;
}

PersonNumber Work::choose_person(Desk& desk) const {
  Random& random = desk.random();
  const uint32_t office = organisation_.unit_of(desk.employee()).office;
  for (int i = 0; i < kTries; ++i) {
    const bool is_near = random.chance(kNearOfHundred, 100);
    const PersonNumber person = is_near ? population_.adult_near(office, random) : population_.adult(random);
    if (may_handle(desk.employee(), person, random)) return person;
  }
  return kNobody;
}

SystemNumber Work::choose_system(Desk& desk) const {
  const std::span<const SystemNumber> systems = desk.function().systems;
  return systems[desk.random().small_below(systems.size())];
}

Target Work::target_of(EmployeeNumber handler, PersonNumber person, SystemNumber system) const {
  if (is_about_firms(system) && cases_.concerns_firm(handler, person)) return {person, guise_of_firm(system)};
  if (is_about_vehicles(system) && cases_.concerns_vehicle(handler, person)) return {person, Guise::kVehicle};
  return {person, Guise::kCitizen};
}

void Work::read_about(Desk& desk, EmployeeNumber handler, const Case& one, uint64_t accesses, Remark remark) {
  Random& random = desk.random();
  // What is not on record yet cannot be named.
  const bool may_claim = remark != Remark::kLateRegistration && remark != Remark::kColleagueHelps;
  for (uint64_t i = 0; i < accesses; ++i) {
    const SystemNumber system = choose_system(desk);
    Action action = Action::kRead;
    if (i == 0 && random.chance(550)) action = Action::kSearch;
    if (i > 0 && i + 1 == accesses && handler == desk.employee()) {
      const uint64_t draw = random.below(100);
      if (draw < 14) action = Action::kUpdate;
      if (draw >= 14 && draw < 20) action = Action::kDecide;
      if (draw >= 20 && draw < 24) action = Action::kPrint;
    }
    NotedAccess access = desk.access(action, system, remark);
    Target target = target_of(handler, one.person, system);
    if (one.partner != kNobody && random.chance(140)) target = {one.partner, Guise::kCitizen};
    if (action == Action::kSearch) access.query = Query::kNumber;
    if (may_claim && random.chance(kClaimOfHundred, 100)) access.case_number = one.number;
    if (remark == Remark::kOrdinary && random.chance(Noise::kBeyondActivity, Noise::kOf)) {
      access.remark = Remark::kBeyondActivity;
      access.system = static_cast<SystemNumber>(random.below(kSystems));
      access.component = 0;
      access.names_activity = true;
      target = {one.person, Guise::kCitizen};
    }
    desk.note(access, target);
  }
}

void Work::look_at(Desk& desk, PersonNumber person, uint64_t accesses, Remark remark) {
  for (uint64_t i = 0; i < accesses; ++i) {
    const bool is_search = i == 0 && desk.random().chance(650);
    NotedAccess access = desk.access(is_search ? Action::kSearch : Action::kRead, choose_system(desk), remark);
    if (is_search) access.query = Query::kNumber;
    desk.note(access, {person, Guise::kCitizen});
  }
}

void Work::search_by_name(Desk& desk, PersonNumber person) {
  Random& random = desk.random();
  Target found[4];
  const uint64_t hits = 2 + random.below(3);
  for (uint64_t i = 0; i < hits; ++i) found[i] = {i == 0 ? person : population_.namesake(person, random), {}};
  for (uint64_t i = 1; i < hits; ++i) {
    if (!wanted_.may_handle(organisation_.employee(desk.employee()).unit, found[i].person)) return;
  }
  NotedAccess access = desk.access(Action::kSearch, kBvr, Remark::kNameSearch);
  access.query = Query::kSurname;
  access.records = static_cast<uint32_t>(hits);
  desk.note(access, std::span(found).first(hits));
}

void Work::mistype(Desk& desk, PersonNumber person) {
  NotedAccess access = desk.access(Action::kSearch, kBvr, Remark::kWrongNumber);
  access.query = Query::kNumber;
  access.records = 0;
  desk.note(access, {person, Guise::kMistyped});
}

Status Work::talk(Desk& desk, std::string_view channel, uint64_t accesses) {
  Random& random = desk.random();
  const PersonNumber person = choose_person(desk);
  if (person == kNobody || accesses == 0) return {};
  if (random.chance(Noise::kNameSearch, Noise::kOf)) search_by_name(desk, person);
  if (random.chance(Noise::kWrongNumber, Noise::kOf)) mistype(desk, person);
  const bool is_missing = random.chance(Noise::kMissingContact, Noise::kOf);
  look_at(desk, person, accesses, is_missing ? Remark::kMissingContact : Remark::kOrdinary);
  if (is_missing || facts_ == nullptr) return {};
  return facts_->add("contact", {organisation_.employee(desk.employee()).id, "bsn:" + population_.bsn(person), channel},
                     desk.task_begin(), desk.task_end());
}

Status Work::take_from_queue(Desk& desk, uint64_t accesses) {
  Random& random = desk.random();
  const PersonNumber person = choose_person(desk);
  if (person == kNobody || accesses == 0) return {};
  if (random.chance(Noise::kWrongNumber, Noise::kOf)) mistype(desk, person);
  look_at(desk, person, accesses, Remark::kOrdinary);
  if (facts_ == nullptr) return {};
  return facts_->add("queue_item",
                     {std::string(desk.function().id) + "-stroom", organisation_.employee(desk.employee()).id,
                      "bsn:" + population_.bsn(person), ""},
                     desk.task_begin(), desk.task_end());
}

Status Work::end_audit(EmployeeNumber employee, size_t place, int64_t until) {
  std::vector<Audit>& audits = audits_[employee];
  const Audit audit = audits[place];
  audits.erase(audits.begin() + static_cast<std::ptrdiff_t>(place));
  if (facts_ == nullptr) return {};
  const std::string& id = organisation_.employee(employee).id;
  WEERBAAR_TRY(facts_->add("audit", {id, "bsn:" + population_.bsn(audit.person)}, audit.begin, until));
  WEERBAAR_TRY(facts_->add("audit", {id, "kvk:" + population_.kvk(audit.person)}, audit.begin, until));
  return facts_->add("audit", {id, "rsin:" + population_.rsin(audit.person)}, audit.begin, until);
}

Status Work::work_on_audit(Desk& desk, uint64_t accesses) {
  Random& random = desk.random();
  std::vector<Audit>& audits = audits_[desk.employee()];
  for (size_t place = audits.size(); place-- > 0;) {
    if (audits[place].end_day <= desk.day()) WEERBAAR_TRY(end_audit(desk.employee(), place, desk.task_begin()));
  }
  if (audits.size() < kAuditsMax) {
    PersonNumber person = kNobody;
    for (int i = 0; i < kTries && (person == kNobody || !population_.has_firm(person)); ++i)
      person = choose_person(desk);
    if (person == kNobody) return {};
    const bool is_known = std::ranges::any_of(audits, [&](const Audit& audit) { return audit.person == person; });
    if (!is_known) {
      audits.push_back({person, desk.task_begin(), desk.day() + random.between(8, 35)});
    }
  }
  const PersonNumber person = audits[random.below(audits.size())].person;
  for (uint64_t i = 0; i < accesses; ++i) {
    const SystemNumber system = choose_system(desk);
    const Guise guise = is_about_firms(system) ? guise_of_firm(system) : Guise::kCitizen;
    desk.note(desk.access(Action::kRead, system, Remark::kOrdinary), {person, guise});
  }
  constexpr uint64_t kExportOfThousand = 25;
  if (accesses > 0 && random.chance(kExportOfThousand)) {
    NotedAccess access = desk.access(Action::kExport, kContrl, Remark::kAuditExport);
    access.records = static_cast<uint32_t>(random.between(200, 6'000));
    desk.note(access, {person, Guise::kFirm});
  }
  return {};
}

void Work::look_in_region(Desk& desk, uint64_t accesses) {
  const uint32_t region = organisation_.employee(desk.employee()).duty_region;
  const PersonNumber person =
      region == kNone ? choose_person(desk) : population_.adult_in_region(region, desk.random());
  if (person == kNobody || !may_handle(desk.employee(), person, desk.random())) return;
  look_at(desk, person, accesses, Remark::kOrdinary);
}

void Work::test_system(Desk& desk, uint64_t accesses) {
  const PersonNumber person = choose_person(desk);
  if (person != kNobody) look_at(desk, person, accesses, Remark::kSupportTest);
}

// Of the same unit: the handler is away, or somebody rings about it.
bool Work::cover_for_colleague(Desk& desk, uint64_t accesses) {
  const std::vector<EmployeeNumber>& members = organisation_.unit_of(desk.employee()).members;
  const EmployeeNumber member = members[desk.random().below(members.size())];
  const Case* const one = case_of_colleague(member, desk.task_begin(), desk.random());
  if (one == nullptr || member == desk.employee()) return false;
  read_about(desk, member, *one, accesses, Remark::kOrdinary);
  return true;
}

void Work::review(Desk& desk, uint64_t accesses) {
  const std::vector<EmployeeNumber>& members = organisation_.unit_of(desk.employee()).members;
  for (int i = 0; i < kTries; ++i) {
    const EmployeeNumber member = members[desk.random().below(members.size())];
    const Case* const one = case_of_colleague(member, desk.task_begin(), desk.random());
    if (one == nullptr || member == desk.employee()) continue;
    read_about(desk, member, *one, accesses, Remark::kOrdinary);
    return;
  }
}

// Of another unit, so that no fact leads there.
void Work::help_colleague(Desk& desk, uint64_t accesses) {
  Random& random = desk.random();
  for (int i = 0; i < kTries; ++i) {
    const auto colleague = static_cast<EmployeeNumber>(random.below(organisation_.employees().size()));
    if (organisation_.employee(colleague).unit == organisation_.employee(desk.employee()).unit) continue;
    const Case* const one = case_of_colleague(colleague, desk.task_begin(), random);
    if (one == nullptr || !may_handle(desk.employee(), one->person, random)) continue;
    read_about(desk, colleague, *one, accesses, Remark::kColleagueHelps);
    return;
  }
}

void Work::break_glass(Desk& desk, uint64_t accesses) {
  Random& random = desk.random();
  const PersonNumber person = choose_person(desk);
  if (person == kNobody) return;
  const bool is_forgotten = random.chance(Noise::kForgottenReason, Noise::kOf);
  const auto reason = static_cast<uint8_t>(1 + random.below(good_reasons().size()));
  for (uint64_t i = 0; i < accesses; ++i) {
    NotedAccess access =
        desk.access(Action::kRead, choose_system(desk), is_forgotten ? Remark::kForgottenReason : Remark::kBreakGlass);
    access.break_glass = true;
    access.reason = is_forgotten ? 0 : reason;
    desk.note(access, {person, Guise::kCitizen});
  }
}

// Once a week, letters about all cases of the unit.
void Work::print_in_bulk(UnitNumber number, int64_t day) {
  const Unit& unit = organisation_.units()[number];
  const bool prints = unit.function == kAssessment || unit.function == kCollection || unit.function == kBenefits ||
                      unit.function == kVehicleTax;
  if (!prints || is_day_off(day) || weekday(day) != number % 5) return;
  for (const EmployeeNumber member : unit.members) {
    const auto work = organisation_.working(member, day);
    if (!work || organisation_.employee(member).is_leader) continue;
    Random random(organisation_.seed(), Stream::kUnitDay, member, static_cast<uint64_t>(day));
    Desk desk(organisation_, book_, member, day, *work, {}, random);
    desk.begin_task(9, 10, 1);
    std::vector<Target> printed;
    for (const EmployeeNumber colleague : unit.members) {
      for (const Case& one : cases_.active(colleague)) {
        if (one.registered <= desk.task_begin() && printed.size() < kPrintMax) printed.push_back({one.person, {}});
      }
    }
    if (printed.empty()) return;
    NotedAccess access = desk.access(Action::kPrint, kBrief, Remark::kPrintRun);
    access.records = static_cast<uint32_t>(printed.size());
    desk.note(access, printed);
    return;
  }
}

// Half of the systems of a large administration every night, and in proportion in a smaller sample: else their share
// would not be what it is.
void Work::run_services(int64_t day) {
  constexpr uint64_t kAllEmployees = 4'000;
  const uint64_t employees = std::min<uint64_t>(organisation_.employees().size(), kAllEmployees / 2);
  const uint64_t parts = std::min(scale_.value, Scale::kOne) * employees / kAllEmployees;
  for (uint32_t system = 0; system < kSystems; ++system) {
    Random random(organisation_.seed(), Stream::kServiceDay, system, static_cast<uint64_t>(day));
    if (!random.chance(parts, Scale::kOne)) continue;
    NotedAccess access;
    access.employee = system;
    access.account = Account::kService;
    access.micros = micros_at(day, 4 * kHour) + random.between(0, 3'000) * kMicrosPerSecond;
    access.system = static_cast<SystemNumber>(system);
    access.action = Action::kExecute;
    access.records = static_cast<uint32_t>(random.between(1'000, 90'000));
    access.remark = Remark::kServiceAccount;
    book_.note(access, std::span<const Target>());
  }
}

}  // namespace weerbaar::sample

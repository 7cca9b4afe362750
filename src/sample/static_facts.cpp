#include "sample/static_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/time.h"

namespace weerbaar::sample {
namespace {

// Who declares whom to the employer: in hundredths of those who have them.
constexpr uint64_t kPartnerOfHundred = 25;
constexpr uint64_t kChildrenOfHundred = 12;
constexpr uint64_t kFormerPartnerOfHundred = 2;
constexpr uint64_t kParentOfHundred = 8;
// Rights that somebody kept from an earlier function, and uses no more.
constexpr uint64_t kSleepingOfHundred = 12;
// Reports that have nothing to do with a leak, for so many employees.
constexpr uint64_t kEmployeesOfReport = 60;

class Teller {
 public:
  Teller(const Population& population, const Organisation& organisation, const Plan& plan, FactWriter& facts)
      : population_(population), organisation_(organisation), plan_(plan), facts_(facts) {}

  Status tell() {
    WEERBAAR_TRY(tell_words());
    WEERBAAR_TRY(tell_units());
    for (EmployeeNumber number = 0; number < organisation_.employees().size(); ++number) {
      WEERBAAR_TRY(tell_employee(number));
      WEERBAAR_TRY(tell_rights(number));
      WEERBAAR_TRY(tell_relations(number));
    }
    for (PersonNumber number = 0; number < population_.size(); ++number) WEERBAAR_TRY(tell_person(number));
    return tell_reports();
  }

 private:
  static std::string subject(const std::string& bsn) { return "bsn:" + bsn; }
  std::string subject_of(PersonNumber number) const { return subject(population_.bsn(number)); }

  Status tell_words() {
    WEERBAAR_TRY(facts_.add("location", {"home", "Thuiswerkplek", ""}));
    for (const Office& office : offices()) {
      WEERBAAR_TRY(facts_.add("location", {office.id, office.name, fmt::format("{}", office.postcode)}));
    }
    for (const System& system : systems()) WEERBAAR_TRY(facts_.add("system", {system.name, system.title}));
    for (const Function& function : functions()) {
      WEERBAAR_TRY(facts_.add("function", {function.id, function.name}));
      WEERBAAR_TRY(facts_.add("activity", {function.activity, function.activity_name, function.legal_basis}));
      // An activity needs what its systems show.
      std::set<std::string_view> needed;
      for (const SystemNumber system : function.systems) {
        for (const Component& component : systems()[system].components) {
          needed.insert(component.data.begin(), component.data.end());
        }
      }
      for (const std::string_view data : needed) WEERBAAR_TRY(facts_.add("activity_data", {function.activity, data}));
    }
    return {};
  }

  Status tell_units() {
    std::set<std::string_view> directorates;
    for (const Function& function : functions()) directorates.insert(function.directorate);
    for (const std::string_view name : directorates) {
      WEERBAAR_TRY(facts_.add("unit", {name, fmt::format("Directie {}", name), ""}));
    }
    for (const Unit& unit : organisation_.units()) {
      const Function& function = functions()[unit.function];
      const std::string name = fmt::format("{}, {}", function.activity_name, offices()[unit.office].name);
      WEERBAAR_TRY(facts_.add("unit", {unit.id, name, function.directorate}));
    }
    return {};
  }

  [[nodiscard]] int64_t from_of(const Employee& employee) const { return micros_at(employee.first_day, 0); }
  [[nodiscard]] int64_t until_of(const Employee& employee) const {
    return employee.end_day < organisation_.end_day() ? micros_at(employee.end_day, 0) : facts::kUntilFurtherNotice;
  }

  Status tell_employee(EmployeeNumber number) {
    const Employee& employee = organisation_.employee(number);
    const std::string& surname = population_.surname(employee.person);
    const std::string name = fmt::format("{} {}", initials()[scramble(number, 5) % initials().size()], surname);
    const auto lives = [&](uint32_t household, int64_t from, int64_t until) {
      return facts_.add("employee",
                        {employee.id, name, surname, subject_of(employee.person), population_.address(household)}, from,
                        until);
    };
    const FormerAddress* const former = population_.former_address(employee.person);
    if (former != nullptr) WEERBAAR_TRY(lives(former->household, facts::kAlways, former->until_micros));
    WEERBAAR_TRY(lives(population_.person(employee.person).household,
                       former != nullptr ? former->until_micros : facts::kAlways, facts::kUntilFurtherNotice));
    const Unit& unit = organisation_.unit_of(number);
    WEERBAAR_TRY(facts_.add("position",
                            {employee.id, unit.id, functions()[unit.function].id, offices()[employee.office].id},
                            from_of(employee), until_of(employee)));
    if (!employee.is_leader) {
      WEERBAAR_TRY(facts_.add("supervisor", {employee.id, organisation_.employee(unit.leader).id}, from_of(employee),
                              until_of(employee)));
    }
    if (!employee.second_account.empty()) {
      WEERBAAR_TRY(
          facts_.add("account", {employee.second_account, employee.id}, from_of(employee), until_of(employee)));
    }
    if (employee.duty_region != kNone) {
      WEERBAAR_TRY(facts_.add("duty", {employee.id, population_.region_name(employee.duty_region), "buitendienst"}));
    }
    for (const Absence& absence : employee.absences) {
      WEERBAAR_TRY(facts_.add("absence", {employee.id, absence.is_illness ? "ziek" : "verlof"},
                              micros_at(absence.first_day, 0), micros_at(absence.end_day, 0)));
    }
    return {};
  }

  Status tell_rights(EmployeeNumber number) {
    const Employee& employee = organisation_.employee(number);
    const Function& function = organisation_.function_of(number);
    for (const SystemNumber system : function.systems) {
      const std::string_view role = system == function.systems[0] ? "behandelen" : "raadplegen";
      WEERBAAR_TRY(facts_.add("authorisation", {employee.id, systems()[system].name, role}, from_of(employee),
                              until_of(employee)));
    }
    if (scramble(number, 6) % 100 >= kSleepingOfHundred) return {};
    const Function& earlier = functions()[scramble(number, 7) % kFunctions];
    for (const SystemNumber system : earlier.systems.first(3)) {
      if (std::ranges::find(function.systems, system) != function.systems.end()) continue;
      WEERBAAR_TRY(facts_.add("authorisation", {employee.id, systems()[system].name, "raadplegen"}, from_of(employee),
                              until_of(employee)));
    }
    return {};
  }

  Status tell_relations(EmployeeNumber number) {
    const Employee& employee = organisation_.employee(number);
    const Household& household = population_.household_of(employee.person);
    Random random(organisation_.seed(), Stream::kPerson, number);
    const auto declare = [&](PersonNumber person, std::string_view relation) {
      return facts_.add("relation", {employee.id, subject_of(person), relation});
    };
    if (household.adults == 2 && random.chance(kPartnerOfHundred, 100)) {
      WEERBAAR_TRY(declare(household.first == employee.person ? household.first + 1 : household.first, "partner"));
    }
    if (random.chance(kChildrenOfHundred, 100)) {
      for (uint32_t i = household.adults; i < household.persons; ++i) {
        WEERBAAR_TRY(declare(household.first + i, "child"));
      }
    }
    const PersonNumber parent = population_.namesake(employee.person, random);
    if (random.chance(kParentOfHundred, 100) && population_.person(parent).is_adult &&
        population_.person(parent).household != population_.person(employee.person).household) {
      WEERBAAR_TRY(declare(parent, "parent"));
    }
    for (const DeclaredRelation& former : plan_.former_partners) {
      if (former.employee == number) return declare(former.person, "former-partner");
    }
    if (random.chance(kFormerPartnerOfHundred, 100)) {
      return declare(population_.adult_near(employee.office, random), "former-partner");
    }
    return {};
  }

  Status tell_person(PersonNumber number) {
    const Person& person = population_.person(number);
    const std::string id = subject_of(number);
    const auto lives = [&](uint32_t household, int64_t from, int64_t until) {
      return facts_.add(
          "person", {id, population_.surname(number), population_.address(household), population_.region(household)},
          from, until);
    };
    const FormerAddress* const former = population_.former_address(number);
    if (former != nullptr) WEERBAAR_TRY(lives(former->household, facts::kAlways, former->until_micros));
    WEERBAAR_TRY(
        lives(person.household, former != nullptr ? former->until_micros : facts::kAlways, facts::kUntilFurtherNotice));
    if (person.is_public_figure) WEERBAAR_TRY(facts_.add("public_figure", {id, "bekend uit de media"}));
    if (person.is_shielded) WEERBAAR_TRY(facts_.add("shielded", {id, "bedreiging"}));
    if (person.is_honey) WEERBAAR_TRY(facts_.add("honey", {id, "bestaat niet"}));
    return {};
  }

  Status tell_reports() {
    Random random(organisation_.seed(), Stream::kLeak);
    const auto days = static_cast<uint64_t>(organisation_.end_day() - organisation_.first_day());
    std::set<PersonNumber> named;
    for (uint64_t i = 0; i <= organisation_.employees().size() / kEmployeesOfReport; ++i) {
      const PersonNumber person = population_.adult(random);
      const int64_t day = organisation_.first_day() + static_cast<int64_t>(random.below(days));
      if (!named.insert(person).second) continue;
      WEERBAAR_TRY(facts_.add("reported", {fmt::format("N-{:03}", i + 1), subject_of(person), "melding van een burger"},
                              micros_at(day, random.between(8 * kHour, 20 * kHour))));
    }
    return {};
  }

  const Population& population_;
  const Organisation& organisation_;
  const Plan& plan_;
  FactWriter& facts_;
};

}  // namespace

Status tell_static_facts(const Population& population, const Organisation& organisation, const Plan& plan,
                         FactWriter& facts) {
  return Teller(population, organisation, plan, facts).tell();
}

}  // namespace weerbaar::sample

#include "sample/case_ledger.h"

#include <fmt/format.h>

namespace weerbaar::sample {
namespace {

constexpr uint64_t kSessionsMin = 2;
constexpr uint64_t kSessionsMax = 7;
constexpr uint64_t kWithPartnerOfThousand = 180;  // joint returns
constexpr size_t kClosedKept = 12;
// Less than the days for which a rule counts a case after its end.
constexpr int64_t kAfterCareDays = 12;

}  // namespace

bool CaseLedger::concerns_firm(EmployeeNumber handler, PersonNumber person) const {
  const FunctionNumber function = organisation_.unit_of(handler).function;
  return (function == kAudit || function == kInspection) && population_.has_firm(person);
}

bool CaseLedger::concerns_vehicle(EmployeeNumber handler, PersonNumber person) const {
  return organisation_.unit_of(handler).function == kVehicleTax && population_.has_vehicle(person);
}

Case& CaseLedger::open(EmployeeNumber handler, PersonNumber person, int64_t registered, bool is_backlog,
                       Random& random) {
  Case one;
  one.number = is_backlog ? kOldCases + ++backlog_ : ++opened_;
  one.person = person;
  const Household& household = population_.household_of(person);
  if (household.adults == 2 && random.chance(kWithPartnerOfThousand)) {
    one.partner = person == household.first ? household.first + 1 : household.first;
  }
  one.registered = registered;
  one.handled_since = registered;
  one.sessions_left = static_cast<uint32_t>(kSessionsMin + random.below(kSessionsMax - kSessionsMin + 1));
  active_[handler].push_back(one);
  return active_[handler].back();
}

std::string CaseLedger::name_of(const Case& one) const {
  return case_name(one.number, civil_from_days(organisation_.first_day()).year);
}

Status CaseLedger::tell_handler(EmployeeNumber handler, const Case& one, int64_t until) {
  if (facts_ == nullptr || until <= one.handled_since) return {};
  return facts_->add("case_employee", {name_of(one), organisation_.employee(handler).id}, one.handled_since, until);
}

Status CaseLedger::tell(EmployeeNumber handler, const Case& one, int64_t until) {
  if (facts_ == nullptr || until <= one.registered) return {};
  const std::string name = name_of(one);
  const Function& function = organisation_.function_of(handler);
  WEERBAAR_TRY(facts_->add("case", {name, function.activity, function.activity_name}, one.registered, until));
  WEERBAAR_TRY(facts_->add("case_unit", {name, organisation_.unit_of(handler).id}, one.registered, until));
  const auto about = [&](const std::string& subject, std::string_view role) {
    return facts_->add("case_subject", {name, subject, role}, one.registered, until);
  };
  WEERBAAR_TRY(about("bsn:" + population_.bsn(one.person), "belanghebbende"));
  if (one.partner != kNobody) WEERBAAR_TRY(about("bsn:" + population_.bsn(one.partner), "partner"));
  if (concerns_firm(handler, one.person)) {
    WEERBAAR_TRY(about("rsin:" + population_.rsin(one.person), "onderneming"));
    WEERBAAR_TRY(about("kvk:" + population_.kvk(one.person), "inschrijving"));
  }
  if (concerns_vehicle(handler, one.person)) {
    WEERBAAR_TRY(about("vehicle:" + population_.number_plate(one.person), "voertuig"));
  }
  return tell_handler(handler, one, until);
}

Status CaseLedger::close(EmployeeNumber handler, size_t place, int64_t micros, int64_t day) {
  std::vector<Case>& active = active_[handler];
  WEERBAAR_TRY(tell(handler, active[place], micros));
  std::vector<ClosedCase>& closed = closed_[handler];
  if (closed.size() == kClosedKept) closed.erase(closed.begin());
  closed.push_back({active[place].person, day + kAfterCareDays});
  active[place] = active.back();
  active.pop_back();
  return {};
}

Status CaseLedger::hand_over(EmployeeNumber from, size_t place, EmployeeNumber to, int64_t micros) {
  std::vector<Case>& active = active_[from];
  Case one = active[place];
  if (micros <= one.registered) return {};
  WEERBAAR_TRY(tell_handler(from, one, micros));
  one.handled_since = micros;
  active[place] = active.back();
  active.pop_back();
  active_[to].push_back(one);
  return {};
}

Status CaseLedger::finish() {
  for (EmployeeNumber handler = 0; handler < active_.size(); ++handler) {
    for (const Case& one : active_[handler]) WEERBAAR_TRY(tell(handler, one, facts::kUntilFurtherNotice));
    active_[handler].clear();
  }
  return {};
}

}  // namespace weerbaar::sample

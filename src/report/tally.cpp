#include "report/tally.h"

namespace weerbaar::report {
namespace {

template <class Cells>
void add_all(Cells& to, const Cells& from) {
  for (size_t i = 0; i < to.size(); ++i) to[i].add(from[i]);
}

Tally::Search search_of(const Counted& access) {
  if (!access.is_search) return Tally::kNoSearch;
  switch (access.key) {
    case SearchKey::kIdentifier:
      return Tally::kByIdentifier;
    case SearchKey::kOther:
      return Tally::kByOther;
    case SearchKey::kUnknown:
      break;
  }
  return Tally::kByUnknown;
}

}  // namespace

void EmployeeSet::add(const EmployeeSet& other) {
  for (uint32_t number = 0; number < other.members_.size(); ++number) {
    if (other.members_[number]) add(number);
  }
}

void Tally::add(const Counted& access) {
  all.add(access.employee);
  employees.add(access.employee);
  searches[search_of(access)].add(access.employee);
  hours[access.outside_hours ? 0 : 1].add(access.employee);
  shifts[access.by_shift ? 0 : 1].add(access.employee);
  glass[access.break_glass ? 0 : 1].add(access.employee);
  outcomes[static_cast<size_t>(access.outcome)].add(access.employee);
}

void Tally::add(const Tally& other) {
  all.add(other.all);
  employees.add(other.employees);
  add_all(searches, other.searches);
  add_all(hours, other.hours);
  add_all(shifts, other.shifts);
  add_all(glass, other.glass);
  add_all(outcomes, other.outcomes);
}

void FirstTally::add(const Counted& access) {
  (access.is_first ? first : later)[static_cast<size_t>(access.outcome)].add(access.employee);
}

}  // namespace weerbaar::report

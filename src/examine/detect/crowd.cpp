#include "examine/detect/crowd.h"

#include <algorithm>
#include <bit>
#include <map>

namespace weerbaar::detect {
namespace {

// Numbers what is named; what fewer than `least` of those present have becomes 0, or what `instead` says.
std::vector<uint32_t> group(std::span<const Symbol> names, std::span<const Activity> activities, size_t least,
                            std::span<const uint32_t> instead) {
  std::map<Symbol, size_t> sizes;
  for (size_t i = 0; i < names.size(); ++i) sizes[names[i]] += activities[i].accesses > 0 ? 1U : 0U;
  uint32_t next = 1;
  for (const uint32_t number : instead) next = std::max(next, number + 1);
  std::map<Symbol, uint32_t> numbers;
  for (const auto& [name, size] : sizes) {
    if (name != kNoSymbol && size >= least) numbers[name] = next++;
  }
  std::vector<uint32_t> groups(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = numbers.find(names[i]);
    groups[i] = found != numbers.end() ? found->second : instead.empty() ? 0 : instead[i];
  }
  return groups;
}

}  // namespace

void CrowdCounter::observe(const Observation& access) {
  if (access.employee >= doing_.size()) doing_.resize(access.employee + 1);
  Doing& doing = doing_[access.employee];
  ++doing.accesses;
  // Accesses come in any order of days, when some are delivered late.
  doing.days |= uint64_t{1} << (static_cast<uint64_t>(floor_div(access.time, kMicrosPerDay)) % 64);
  for (const ObservedSubject& subject : access.subjects) doing.persons.add(subject.hash);
}

Crowd CrowdCounter::end_of_period(int64_t from, int64_t to, std::span<const ObservedEmployee> employees) {
  doing_.resize(employees.size());
  Crowd crowd;
  crowd.from = from;
  crowd.to = to;
  std::vector<Symbol> functions;
  std::vector<Symbol> units;
  for (size_t i = 0; i < employees.size(); ++i) {
    Doing& doing = doing_[i];
    crowd.activities.push_back(
        {doing.accesses, doing.persons.estimate(), static_cast<uint32_t>(std::popcount(doing.days))});
    doing = Doing();
    const Symbol employee = employees[i].symbol;
    crowd.symbols.push_back(employee);
    // Who left or came meanwhile has one at one of the ends.
    const Symbol function = surroundings_.function_of(employee, to - 1);
    functions.push_back(function != kNoSymbol ? function : surroundings_.function_of(employee, from));
    const Symbol unit = surroundings_.unit_of(employee, to - 1);
    units.push_back(unit != kNoSymbol ? unit : surroundings_.unit_of(employee, from));
  }
  crowd.by_function = group(functions, crowd.activities, kFunctionMin, {});
  crowd.by_unit = group(units, crowd.activities, kUnitMin, crowd.by_function);
  crowd.everyone.assign(employees.size(), 0);
  return crowd;
}

}  // namespace weerbaar::detect

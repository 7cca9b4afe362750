#include "examine/trace/generated_world.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <span>
#include <unordered_set>

namespace weerbaar::trace::testing {
namespace {

constexpr uint32_t kPersonsOfRegion = GeneratedWorld::kPersons / GeneratedWorld::kRegions;
constexpr int64_t kFirstDayMicros = 20'000 * kMicrosPerDay;
// Of a list of 20, what came from elsewhere is 6.
constexpr size_t kFromElsewhere = 6;

constexpr Person kNotThere = UINT32_MAX;

Time moment_of(int day) {
  return {kFirstDayMicros + day * kMicrosPerDay, 0};
}

}  // namespace

GeneratedWorld::GeneratedWorld(uint64_t seed) : random_(seed) {
  make_persons();
  make_employees();
}

void GeneratedWorld::make_persons() {
  double sum = 0;
  for (uint32_t person = 0; person < kPersons; ++person) popularity_.push_back(sum += skewed(1.0));
}

void GeneratedWorld::make_employees() {
  employees_.resize(kEmployees);
  for (Reader reader = 0; reader < kEmployees; ++reader) {
    Employee& employee = employees_[reader];
    employee.region = below(kRegions);
    const uint32_t part = below(100);
    if (part < 75) {
      const double activity = skewed(0.4);
      work_cases(reader, activity);
      read_region(reader, employee.region, 150 * activity);
      read_anybody(reader, 20 * activity);
    } else if (part < 85) {
      employee.function = Function::kCallCentre;
      read_anybody(reader, 1'500 * skewed(0.6));
    } else if (part < 95) {
      employee.function = Function::kSpecialist;
      const double activity = skewed(0.6);
      for (int i = 0; i < 5; ++i) read_region(reader, below(kRegions), 50 * activity);
      read_anybody(reader, 50 * activity);
    } else {
      employee.function = Function::kOther;
      read_anybody(reader, 10 * skewed(1.0));
    }
  }
}

// A case is consulted now and then as long as it is there.
void GeneratedWorld::work_cases(Reader reader, double activity) {
  Employee& employee = employees_[reader];
  employee.cases = distinct(10 + about(30 * activity), [&] { return one_of_region(employee.region); });
  for (const Person person : employee.cases) {
    const uint32_t times = about(4);
    for (uint32_t i = 0; i < times; ++i) read(reader, person);
  }
}

void GeneratedWorld::read_anybody(Reader reader, double mean) {
  const uint32_t times = about(mean);
  for (uint32_t i = 0; i < times; ++i) read(reader, anybody());
}

void GeneratedWorld::read_region(Reader reader, uint32_t region, double mean) {
  const uint32_t times = about(mean);
  for (uint32_t i = 0; i < times; ++i) read(reader, one_of_region(region));
}

Person GeneratedWorld::anybody() {
  const double at = std::uniform_real_distribution<double>(0, popularity_.back())(random_);
  const auto found = std::upper_bound(popularity_.begin(), popularity_.end(), at);
  return std::min(kPersons - 1, static_cast<Person>(found - popularity_.begin()));
}

Person GeneratedWorld::one_of_region(uint32_t region) {
  const auto begin = popularity_.begin() + static_cast<ptrdiff_t>(region) * kPersonsOfRegion;
  const auto end = begin + kPersonsOfRegion;
  const double low = region == 0 ? 0 : *(begin - 1);
  const double at = std::uniform_real_distribution<double>(low, *(end - 1))(random_);
  return std::min(region * kPersonsOfRegion + kPersonsOfRegion - 1,
                  static_cast<Person>(std::upper_bound(begin, end, at) - popularity_.begin()));
}

template <class Draw>
std::vector<Person> GeneratedWorld::distinct(size_t count, Draw draw) {
  std::vector<Person> persons;
  std::unordered_set<Person> known;
  while (persons.size() < count) {
    const Person person = draw();
    if (known.insert(person).second) persons.push_back(person);
  }
  return persons;
}

Reader GeneratedWorld::leaker() {
  for (;;) {
    const Reader reader = below(kEmployees);
    if (employees_[reader].function != Function::kOther) return reader;
  }
}

void GeneratedWorld::look_up(Reader reader, std::span<const Person> persons) {
  for (const Person person : persons) read(reader, person);
}

Planted GeneratedWorld::plant_seller() {
  const Reader seller = leaker();
  Planted planted{distinct(kListPersons, [this] { return anybody(); }), {seller}};
  look_up(seller, std::span(planted.persons).subspan(kFromElsewhere));
  return planted;
}

Planted GeneratedWorld::plant_seller_at_home() {
  Reader seller = leaker();
  while (employees_[seller].function != Function::kHandler) seller = leaker();
  const uint32_t region = employees_[seller].region;
  Planted planted{distinct(kListPersons, [&] { return one_of_region(region); }), {seller}};
  look_up(seller, std::span(planted.persons).subspan(kFromElsewhere));
  return planted;
}

Planted GeneratedWorld::plant_pair() {
  const Reader one = leaker();
  Reader other = leaker();
  while (other == one) other = leaker();
  Planted planted{distinct(kListPersons, [this] { return anybody(); }), {one, other}};
  const std::span<const Person> looked_up = std::span(planted.persons).subspan(kFromElsewhere);
  look_up(one, looked_up.first(looked_up.size() / 2));
  look_up(other, looked_up.subspan(looked_up.size() / 2));
  return planted;
}

Planted GeneratedWorld::list_of_anybody() {
  return {distinct(kListPersons, [this] { return anybody(); }), {}};
}

Planted GeneratedWorld::list_of_region() {
  const uint32_t region = below(kRegions);
  return {distinct(kListPersons, [&] { return one_of_region(region); }), {}};
}

Planted GeneratedWorld::list_of_case_load() {
  for (;;) {
    const std::vector<Person>& cases = employees_[leaker()].cases;
    if (cases.size() < kListPersons) continue;
    return {distinct(kListPersons, [&] { return cases[below(static_cast<uint32_t>(cases.size()))]; }), {}};
  }
}

Activity GeneratedWorld::activity() const {
  std::vector<Person> same(kPersons);
  std::iota(same.begin(), same.end(), 0U);
  return activity_of(same, kPersons);
}

// `numbers`: of each person, kNotThere for who is left out.
Activity GeneratedWorld::activity_of(std::span<const Person> numbers, size_t persons) const {
  std::vector<DatedLook> sorted = days_;
  std::sort(sorted.begin(), sorted.end());
  std::vector<Look> looks;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const DatedLook& look = sorted[i];
    if (numbers[look.person] == kNotThere) continue;
    const bool is_same = i > 0 && sorted[i - 1].person == look.person && sorted[i - 1].reader == look.reader;
    if (!is_same) {
      looks.push_back({numbers[look.person], look.reader, false});
    } else if (sorted[i - 1].day != look.day) {
      looks.back().on_several_days = true;
    }
  }
  return Activity(looks, persons, kEmployees);
}

Leak GeneratedWorld::leak_of(const Planted& planted) const {
  Leak leak;
  leak.from = moment_of(0);
  leak.before = moment_of(kDays);
  std::vector<uint32_t> place(kPersons, kNotThere);
  for (const Person person : planted.persons) {
    place[person] = static_cast<uint32_t>(leak.persons.size());
    leak.persons.push_back({person, {}});
  }
  for (const DatedLook& look : days_) {
    if (place[look.person] == kNotThere) continue;
    leak.persons[place[look.person]].reads.push_back({look.reader, moment_of(look.day), Verdict::kUnknown, ""});
  }
  return leak;
}

std::pair<Activity, Leak> GeneratedWorld::sample_of(const Planted& planted, size_t others, uint64_t seed) const {
  std::vector<Person> everybody(kPersons);
  std::iota(everybody.begin(), everybody.end(), 0U);
  std::mt19937_64 lots(seed);
  std::vector<Person> drawn;
  std::ranges::sample(everybody, std::back_inserter(drawn), static_cast<long>(others), lots);
  std::vector<Person> numbers(kPersons, kNotThere);
  Person next = 0;
  for (const Person person : planted.persons) numbers[person] = next++;
  for (const Person person : drawn) {
    if (numbers[person] == kNotThere) numbers[person] = next++;
  }
  Leak leak = leak_of(planted);
  for (LeakedPerson& leaked : leak.persons) leaked.person = numbers[leaked.person];
  return {activity_of(numbers, next), std::move(leak)};
}

}  // namespace weerbaar::trace::testing

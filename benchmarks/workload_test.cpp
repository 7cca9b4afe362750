#include "workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "domain/identifiers.h"

namespace weerbaar::benchmarks {
namespace {

constexpr uint64_t kEvents = 300'000;

std::vector<Look> looks() {
  WorkloadOptions options;
  options.events = kEvents;
  Workload workload(options);
  std::vector<Look> all;
  while (const auto look = workload.next()) all.push_back(*look);
  return all;
}

// How often each value occurs, most often first.
template <class Member>
std::vector<uint64_t> counts_of(const std::vector<Look>& all, Member member) {
  std::map<uint64_t, uint64_t> counts;
  for (const Look& look : all) ++counts[look.*member];
  std::vector<uint64_t> sorted;
  for (const auto& [value, count] : counts) sorted.push_back(count);
  std::sort(sorted.rbegin(), sorted.rend());
  return sorted;
}

TEST(Workload, gives_as_many_events_as_asked_in_the_order_of_time) {
  const auto all = looks();
  EXPECT_EQ(all.size(), kEvents);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &Look::micros));
}

TEST(Workload, is_the_same_each_time) {
  WorkloadOptions options;
  options.events = 1'000;
  Workload once(options);
  Workload again(options);
  while (const auto look = once.next()) {
    const auto other = again.next();
    ASSERT_TRUE(other);
    EXPECT_EQ(look->micros, other->micros);
    EXPECT_EQ(look->person, other->person);
  }
}

TEST(Workload, fills_ninety_days) {
  const auto all = looks();
  const double days = static_cast<double>(all.back().micros - all.front().micros) / 86'400e6;
  EXPECT_NEAR(days, 90, 3);
}

TEST(Workload, has_skewed_employees_and_persons_and_uses_every_system) {
  const auto all = looks();
  const auto employees = counts_of(all, &Look::employee);
  const auto persons = counts_of(all, &Look::person);
  EXPECT_GT(employees.size(), 15'000U);
  EXPECT_GT(employees.front(), 100 * employees[employees.size() / 2]);
  EXPECT_GT(persons.size(), 40'000U);
  EXPECT_GT(persons.front(), 50 * persons[persons.size() / 2]);
  EXPECT_EQ(counts_of(all, &Look::system).size(), 900U);
}

TEST(Workload, lets_an_employee_look_mostly_at_persons_near_each_other) {
  const auto all = looks();
  uint64_t of_busiest = 0;
  uint64_t near = 0;
  for (const Look& look : all) {
    if (look.employee != 0) continue;
    ++of_busiest;
    near += look.person < 400;
  }
  EXPECT_GT(of_busiest, 1'000U);
  EXPECT_NEAR(static_cast<double>(near) / static_cast<double>(of_busiest), 0.7, 0.1);
}

TEST(Workload, looks_several_times_at_one_person_and_names_a_case_a_third_of_the_time) {
  const auto all = looks();
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> pairs;
  uint64_t cases = 0;
  for (const Look& look : all) {
    ++pairs[{look.employee, look.person}];
    cases += look.case_number != 0;
  }
  EXPECT_GT(static_cast<double>(kEvents) / static_cast<double>(pairs.size()), 3.0);
  EXPECT_NEAR(static_cast<double>(cases) / kEvents, 1.0 / 3, 0.02);
}

TEST(Workload, gives_events_that_are_valid_and_distinct) {
  WorkloadOptions options;
  options.events = 20'000;
  Workload workload(options);
  EventBatch batch;
  workload.next(30'000, batch);
  std::set<std::pair<std::string_view, std::string_view>> ids;
  for (const AccessEvent& event : batch.events()) {
    EXPECT_TRUE(validate(event));
    EXPECT_TRUE(is_bsn(event.subjects[0].id));
    ids.emplace(event.source, event.id);
  }
  EXPECT_EQ(ids.size(), 20'000U);
}

TEST(Workload, numbers_persons_by_distinct_bsns) {
  std::set<std::string> all;
  for (uint64_t n = 0; n < 100'000; ++n) all.insert(bsn_of(n));
  EXPECT_EQ(all.size(), 100'000U);
  EXPECT_TRUE(std::ranges::all_of(all, is_bsn));
}

}  // namespace
}  // namespace weerbaar::benchmarks

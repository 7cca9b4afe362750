#include "examine/detect/crowd.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/time.h"

namespace weerbaar::detect {
namespace {

TEST(Crowd, counts_what_each_did_and_takes_small_functions_together) {
  FactBase facts;
  Surroundings::want(facts);
  std::vector<ObservedEmployee> employees;
  for (uint32_t i = 0; i < 70; ++i) {
    facts::Fact fact;
    const std::string id = fmt::format("e{}", i);
    // Thirty, thirty and ten.
    const std::string function = fmt::format("f{}", i / 30);
    fact.values = {id, "u", function, ""};
    ASSERT_TRUE(facts.add(*facts::find_table("position"), fact).has_value());
    employees.push_back({facts.find(facts::Kind::kEmployee, id), id});
  }
  employees.push_back({kUnknown, "stranger"});
  const Surroundings surroundings(facts);
  CrowdCounter counter(surroundings);
  for (uint32_t i = 0; i < employees.size(); ++i) {
    for (uint64_t n = 0; n < 6; ++n) {
      ObservedSubject subject;
      subject.hash = (n % 3 + 1) * 0x9E3779B97F4A7C15U;
      Observation access;
      access.employee = i;
      access.time = static_cast<int64_t>(n / 3) * kMicrosPerDay;
      access.subjects = {&subject, 1};
      counter.observe(access);
    }
  }
  const Crowd crowd = counter.end_of_period(0, 14 * kMicrosPerDay, employees);
  ASSERT_EQ(crowd.activities.size(), employees.size());
  EXPECT_EQ(crowd.activities[5].accesses, 6U);
  EXPECT_EQ(crowd.activities[5].days, 2U);
  EXPECT_NEAR(crowd.activities[5].persons, 3, 0.5);
  EXPECT_EQ(crowd.by_function[0], crowd.by_function[29]);
  EXPECT_NE(crowd.by_function[0], crowd.by_function[30]);
  EXPECT_EQ(crowd.by_function[60], 0U) << "ten tell too little about each other";
  EXPECT_EQ(crowd.by_function[70], 0U);
  EXPECT_EQ(crowd.by_unit[0], crowd.by_unit[69]);
  const Crowd next = counter.end_of_period(0, 14 * kMicrosPerDay, employees);
  EXPECT_EQ(next.activities[5].accesses, 0U);
}

}  // namespace
}  // namespace weerbaar::detect

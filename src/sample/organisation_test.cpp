#include "sample/organisation.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace weerbaar::sample {
namespace {

constexpr int64_t kFirstDay = 20'458;  // 2026-01-05, a Monday
constexpr uint32_t kEmployees = 1'000;

class OrganisationTest : public ::testing::Test {
 protected:
  Population population_{9, kEmployees* kPersonsPerEmployee, kFirstDay};
  Organisation organisation_{{9, kEmployees, kFirstDay, 92}, population_};
};

TEST_F(OrganisationTest, has_units_of_every_function_with_a_leader_and_people) {
  std::set<FunctionNumber> functions;
  std::set<uint32_t> offices_used;
  size_t people = 0;
  for (const Unit& unit : organisation_.units()) {
    functions.insert(unit.function);
    offices_used.insert(unit.office);
    ASSERT_FALSE(unit.members.empty());
    EXPECT_LE(unit.members.size(), 70U);
    EXPECT_TRUE(organisation_.employee(unit.leader).is_leader);
    people += unit.members.size();
  }
  EXPECT_EQ(functions.size(), static_cast<size_t>(kFunctions));
  EXPECT_EQ(offices_used.size(), offices().size());
  EXPECT_EQ(people, kEmployees);
}

TEST_F(OrganisationTest, gives_everybody_an_id_and_a_person_of_their_own) {
  std::set<std::string> ids;
  std::set<PersonNumber> persons;
  for (const Employee& employee : organisation_.employees()) {
    ids.insert(employee.id);
    if (!employee.second_account.empty()) ids.insert(employee.second_account);
    persons.insert(employee.person);
    EXPECT_TRUE(population_.person(employee.person).is_employee);
    EXPECT_FALSE(population_.person(employee.person).is_honey);
  }
  EXPECT_GT(ids.size(), kEmployees);
  EXPECT_EQ(persons.size(), kEmployees);
}

TEST_F(OrganisationTest, lets_nobody_work_while_absent_or_out_of_service_and_few_at_weekends) {
  uint64_t worked = 0;
  uint64_t ill = 0;
  uint64_t at_weekends = 0;
  for (EmployeeNumber number = 0; number < kEmployees; ++number) {
    const Employee& employee = organisation_.employee(number);
    for (int64_t day = kFirstDay; day < organisation_.end_day(); ++day) {
      bool is_absent = day < employee.first_day || day >= employee.end_day;
      for (const Absence& absence : employee.absences) {
        is_absent = is_absent || (day >= absence.first_day && day < absence.end_day);
      }
      const auto work = organisation_.working(number, day);
      EXPECT_FALSE(is_absent && work.has_value());
      ill += organisation_.is_ill(number, day) && organisation_.rostered(number, day) ? 1U : 0U;
      if (!work) continue;
      ++worked;
      at_weekends += is_day_off(day) ? 1U : 0U;
      EXPECT_LT(work->begin, work->end);
      EXPECT_GE(work->begin, 6 * kHour);
      EXPECT_LE(work->end, 24 * kHour);
    }
  }
  // 64 working days, of which part-time work, leave and illness take about a fifth.
  EXPECT_NEAR(static_cast<double>(worked) / kEmployees, 51, 4);
  EXPECT_NEAR(static_cast<double>(ill) / static_cast<double>(worked + ill), 0.055, 0.03);
  EXPECT_GT(at_weekends, 0U);
  EXPECT_LT(at_weekends * 50, worked);
}

TEST_F(OrganisationTest, lets_absences_follow_each_other_without_overlap) {
  for (const Employee& employee : organisation_.employees()) {
    int64_t before = INT64_MIN;
    for (const Absence& absence : employee.absences) {
      EXPECT_LT(absence.first_day, absence.end_day);
      EXPECT_LE(before, absence.first_day);
      before = absence.end_day;
    }
  }
}

}  // namespace
}  // namespace weerbaar::sample

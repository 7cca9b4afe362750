#include "examine/purpose/missing_facts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "examine/purpose/testing.h"

namespace weerbaar::purpose {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
constexpr int64_t kNoon = 20'000 * kDay + kDay / 2;

// Persons p0 … p999 of whom the tenth part has a case; employees u0 … in two units.
class MissingFactsTest : public ::testing::Test {
 protected:
  MissingFactsTest() {
    MissingFacts::want(rules_, facts_);
    add("system", {"BVR", ""});
    for (int i = 0; i < 10; ++i) add("position", {fmt::format("u{}", i), i < 5 ? "west" : "east", "clerk", ""});
    for (int i = 0; i < 1'000; ++i) add("person", {fmt::format("bsn:{}", i), "", "", ""});
    for (int i = 0; i < 100; ++i) {
      add("case", {fmt::format("Z-{}", i), "", ""});
      add("case_subject", {fmt::format("Z-{}", i), fmt::format("bsn:{}", i), ""});
    }
  }
  void add(std::string_view table, std::vector<std::string> values, int64_t from = facts::kAlways,
           int64_t to = facts::kUntilFurtherNotice) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    fact.valid_to = to;
    ASSERT_TRUE(facts_.add(*facts::find_table(table), fact).has_value());
  }
  // Judges the accesses, and says what is missing. Call it once.
  void look(const std::vector<std::pair<int, int>>& accesses) {
    std::vector<std::pair<std::string, int>> named;
    for (const auto& [employee, subject] : accesses) named.emplace_back(fmt::format("u{}", employee), subject);
    look_as(named);
  }
  void look_as(const std::vector<std::pair<std::string, int>>& accesses, std::string_view claimed_unit = "") {
    judge_ = std::make_unique<Judge>(rules_, facts_);
    missing_ = std::make_unique<MissingFacts>(*judge_, facts_);
    for (const auto& [employee, subject] : accesses) {
      const Symbol who = facts_.find(facts::Kind::kSubject, fmt::format("bsn:{}", subject));
      Access access;
      access.time = kNoon;
      access.employee = facts_.find(facts::Kind::kEmployee, employee);
      access.unit = facts_.find(facts::Kind::kUnit, claimed_unit);
      access.system = facts_.find(facts::Kind::kSystem, "BVR");
      access.subjects = std::span(&who, 1);
      Verdict verdict;
      judge_->judge(access, verdict);
      missing_->add({0, &access, verdict.outcome, false, verdict.findings});
    }
  }
  [[nodiscard]] std::vector<std::string> missing(const std::vector<PlaceField>& fields, size_t place = 0) const {
    std::vector<std::string> all;
    const std::vector<MissingPlace> places = missing_->by(fields);
    for (const MissingFact& fact : places.at(place).missing) {
      all.push_back(fmt::format("{} {} {} {}", fact.rule, fact.table, to_string(fact.lack), fact.more));
    }
    return all;
  }

  std::vector<Rule> rules_ = testing::standard_rules();
  FactBase facts_;
  std::unique_ptr<Judge> judge_;
  std::unique_ptr<MissingFacts> missing_;
};

TEST_F(MissingFactsTest, names_the_fact_that_a_rule_lacks_where_persons_at_random_do_not_show_it) {
  std::vector<std::pair<int, int>> accesses;
  for (int i = 0; i < 1'000; ++i) accesses.emplace_back(i % 5, i % 100);
  look(accesses);
  const std::vector<MissingPlace> places = missing_->by({});
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].unexplained, 1'000U);
  // Every person has a case; of those at random a tenth.
  EXPECT_THAT(missing({}),
              ElementsAre("handles-case case_employee fact 1000", "team-handles-case case_unit fact 1000"));
}

TEST_F(MissingFactsTest, names_the_table_of_cases_where_it_was_not_imported) {
  for (int i = 200; i < 300; ++i) {
    add("case_subject", {fmt::format("X-{}", i), fmt::format("bsn:{}", i), ""});
    add("case_employee", {fmt::format("X-{}", i), "u1"});
  }
  std::vector<std::pair<int, int>> accesses;
  for (int i = 200; i < 300; ++i) accesses.emplace_back(1, i);
  look(accesses);
  // A few of those at random have one of these cases too.
  EXPECT_THAT(missing({}), Contains(StartsWith("handles-case case fact")));
}

TEST_F(MissingFactsTest, takes_off_what_chance_shows) {
  std::vector<std::pair<int, int>> accesses;
  for (int i = 0; i < 1'000; ++i) accesses.emplace_back(i % 5, i);
  look(accesses);
  // As many have a case as among persons at random, give or take: nothing stands out.
  for (const MissingFact& fact : missing_->by({})[0].missing) EXPECT_LT(fact.more, 60U) << fact.rule;
}

TEST_F(MissingFactsTest, names_facts_that_are_off_in_time) {
  for (int i = 500; i < 600; ++i) {
    add("contact", {"u1", fmt::format("bsn:{}", i), "phone"}, kNoon + 2 * kDay, kNoon + 2 * kDay + 1);
  }
  std::vector<std::pair<int, int>> accesses;
  for (int i = 500; i < 600; ++i) accesses.emplace_back(1, i);
  look(accesses);
  EXPECT_THAT(missing({}), ElementsAre("contact  time 100"));
}

TEST_F(MissingFactsTest, takes_what_explains_others_in_the_same_place_for_rules_of_one_fact) {
  for (int i = 500; i < 580; ++i) add("contact", {"u1", fmt::format("bsn:{}", i), "phone"}, kNoon - kDay, kNoon);
  for (int i = 580; i < 600; ++i) add("queue_item", {"q", "u1", fmt::format("bsn:{}", i), ""}, kNoon - kDay, kNoon);
  std::vector<std::pair<int, int>> accesses;
  for (int i = 500; i < 610; ++i) accesses.emplace_back(1, i);
  look(accesses);
  // 80 of 100 are explained by contact, 20 by the queue, and ten by nothing.
  EXPECT_THAT(missing({PlaceField::kUnit, PlaceField::kSystem}),
              ElementsAre("contact contact alike 8", "queue-assigned queue_item alike 2"));
}

TEST_F(MissingFactsTest, tells_places_apart_the_worst_first) {
  std::vector<std::pair<int, int>> accesses;
  for (int i = 0; i < 30; ++i) accesses.emplace_back(i % 5, 500 + i);
  for (int i = 0; i < 50; ++i) accesses.emplace_back(5 + i % 5, 500 + i);
  accesses.emplace_back(77, 500);  // nobody that the register knows
  accesses.emplace_back(78, 500);
  look(accesses);
  std::vector<std::string> all;
  for (const MissingPlace& place : missing_->by(std::vector{PlaceField::kUnit, PlaceField::kHour})) {
    all.push_back(fmt::format("{} {} of {}", fmt::join(place.values, " "), place.unexplained, place.checked));
  }
  EXPECT_THAT(all, ElementsAre("east 12 50 of 50", "west 12 30 of 30",
                               "(fewer than five employees) (fewer than five employees) 2 of 2"));
}

TEST_F(MissingFactsTest, puts_places_with_fewer_than_five_employees_together) {
  for (const auto& [employee, unit] : {std::pair("a0", "north"), {"a1", "north"}, {"b0", "south"}, {"c0", "centre"}}) {
    add("position", {employee, unit, "clerk", ""});
  }
  std::vector<std::pair<std::string, int>> accesses;
  for (int i = 0; i < 40; ++i) accesses.emplace_back(i % 2 == 0 ? "a0" : "a1", i);
  for (int i = 0; i < 20; ++i) accesses.emplace_back("b0", i);
  for (int i = 0; i < 5; ++i) accesses.emplace_back(fmt::format("u{}", i), 500 + i);
  for (int i = 0; i < 90; ++i) accesses.emplace_back(fmt::format("u{}", 5 + i % 4), 500 + i);
  look_as(accesses);
  const std::vector<MissingPlace> places = missing_->by(std::vector{PlaceField::kUnit});
  std::vector<std::string> all;
  for (const MissingPlace& place : places) {
    all.push_back(
        fmt::format("{}{} {} of {}", place.few ? "few " : "", place.values[0], place.unexplained, place.checked));
  }
  // Four of the five of "east" looked; "centre" looked at nothing.
  EXPECT_THAT(all, ElementsAre("few (fewer than five employees) 150 of 150", "west 5 of 5"));
  // What would explain more is told of them together.
  ASSERT_FALSE(places[0].missing.empty());
  EXPECT_EQ(places[0].missing[0].accesses, 60U);
  EXPECT_EQ(missing_->by(std::vector{PlaceField::kSystem}).size(), 1U);
  EXPECT_FALSE(missing_->by(std::vector{PlaceField::kSystem})[0].few);
  EXPECT_EQ(missing_->by({})[0].checked, 155U);
  EXPECT_FALSE(missing_->by({})[0].few);
}

TEST_F(MissingFactsTest, names_a_claimed_unit_that_only_the_table_of_units_knows) {
  add("unit", {"call-centre", "", ""});
  for (int i = 0; i < 5; ++i) add("duty", {fmt::format("d{}", i), "3511", ""});
  std::vector<std::pair<std::string, int>> accesses;
  for (int i = 0; i < 5; ++i) accesses.emplace_back(fmt::format("d{}", i), 500);
  look_as(accesses, "call-centre");
  EXPECT_THAT(missing_->by(std::vector{PlaceField::kUnit}).at(0).values, ElementsAre("call-centre"));
}

TEST_F(MissingFactsTest, says_nothing_where_all_is_explained) {
  add("contact", {"u1", "bsn:700", "phone"});
  look({{1, 700}, {1, 700}});
  ASSERT_EQ(missing_->by({}).size(), 1U);
  EXPECT_EQ(missing_->by({})[0].unexplained, 0U);
  EXPECT_THAT(missing({}), IsEmpty());
}

}  // namespace
}  // namespace weerbaar::purpose

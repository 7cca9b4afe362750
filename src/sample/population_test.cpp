#include "sample/population.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "domain/identifiers.h"
#include "sample/words.h"

namespace weerbaar::sample {
namespace {

constexpr uint32_t kPersons = 30'000;

class PopulationTest : public ::testing::Test {
 protected:
  Population population_{3, kPersons, 20'458};
};

TEST_F(PopulationTest, gives_everybody_a_number_that_passes_the_test_and_is_no_others) {
  std::set<std::string> numbers;
  std::set<std::string> plates;
  std::set<std::string> firms;
  for (PersonNumber person = 0; person < population_.size(); ++person) {
    const std::string bsn = population_.bsn(person);
    ASSERT_TRUE(is_bsn(bsn)) << bsn;
    ASSERT_TRUE(is_bsn(population_.rsin(person)));
    numbers.insert(bsn);
    plates.insert(population_.number_plate(person));
    firms.insert(population_.rsin(person));
    firms.insert(population_.kvk(person));
  }
  EXPECT_EQ(numbers.size(), population_.size());
  EXPECT_EQ(plates.size(), population_.size());
  EXPECT_EQ(firms.size(), 2 * population_.size());
}

TEST_F(PopulationTest, lets_families_share_a_door_and_neighbours_a_street) {
  EXPECT_GE(population_.size(), kPersons);
  const double people = static_cast<double>(population_.size()) / static_cast<double>(population_.households().size());
  EXPECT_NEAR(people, 2.2, 0.15);
  std::set<std::string> addresses;
  for (uint32_t number = 0; number < population_.households().size(); ++number) {
    addresses.insert(population_.address(number));
    const Household& household = population_.households()[number];
    for (uint32_t i = 0; i < household.persons; ++i) {
      EXPECT_EQ(population_.person(household.first + i).household, number);
      EXPECT_EQ(population_.person(household.first + i).is_adult, i < household.adults);
    }
  }
  EXPECT_EQ(addresses.size(), population_.households().size());
  // The next house: all the same but for the number.
  const std::string one = population_.address(4);
  const std::string next = population_.address(5);
  EXPECT_EQ(one.substr(0, one.rfind(' ')), next.substr(0, next.rfind(' ')));
}

TEST_F(PopulationTest, has_few_names_that_many_bear_and_many_that_few_do) {
  std::map<std::string, uint32_t> bearers;
  for (PersonNumber person = 0; person < population_.size(); ++person) ++bearers[population_.surname(person)];
  const uint32_t usual = bearers[population_.surname_at(0)];
  EXPECT_GT(usual, population_.size() / 200);
  EXPECT_LT(usual, population_.size() / 15);
  EXPECT_GT(bearers.size(), 600U);
  Random random(1, Stream::kMisuse);
  for (PersonNumber person = 0; person < 100; ++person) {
    EXPECT_EQ(population_.surname(population_.namesake(person, random)), population_.surname(person));
  }
}

TEST_F(PopulationTest, cuts_the_country_in_small_regions) {
  std::map<std::string, uint32_t> households;
  for (uint32_t number = 0; number < population_.households().size(); ++number) {
    ++households[population_.region(number)];
    ASSERT_LT(population_.region_number(number), population_.regions());
  }
  EXPECT_GT(households.size(), offices().size() * 8);
  Random random(2, Stream::kMisuse);
  for (uint32_t region = 0; region < population_.regions(); ++region) {
    const PersonNumber person = population_.adult_in_region(region, random);
    if (person == kNobody) continue;
    EXPECT_EQ(population_.region_number(population_.person(person).household), region);
    EXPECT_EQ(population_.region(population_.person(person).household), population_.region_name(region));
  }
}

TEST_F(PopulationTest, marks_the_famous_the_shielded_and_the_fictitious_apart) {
  EXPECT_EQ(population_.public_figures().size(), 60U);
  EXPECT_GT(population_.shielded().size(), 100U);
  EXPECT_EQ(population_.honey().size(), 25U);
  for (const PersonNumber person : population_.honey()) {
    EXPECT_TRUE(population_.person(person).is_honey);
    EXPECT_FALSE(population_.person(person).is_public_figure || population_.person(person).is_shielded);
  }
}

}  // namespace
}  // namespace weerbaar::sample

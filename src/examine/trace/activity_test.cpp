#include "examine/trace/activity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "examine/trace/random.h"

namespace weerbaar::trace {
namespace {

std::vector<uint32_t> numbers(std::span<const Link> links) {
  std::vector<uint32_t> all;
  for (const Link link : links) all.push_back(link.number());
  return all;
}

TEST(Activity, gives_every_look_from_both_sides_once) {
  Random random(1);
  std::vector<Look> looks;
  std::map<std::pair<Person, Reader>, bool> expected;
  for (int i = 0; i < 4'000; ++i) {
    const Look look{static_cast<Person>(random.below(90)), static_cast<Reader>(random.below(70)), random.below(4) == 0};
    looks.push_back(look);
    bool& several = expected[{look.person, look.reader}];
    several = several || look.on_several_days;
  }
  const Activity activity(looks, 100, 80);
  EXPECT_EQ(activity.persons(), 100U);
  EXPECT_EQ(activity.readers(), 80U);
  EXPECT_EQ(activity.looks(), expected.size());
  std::map<std::pair<Person, Reader>, bool> by_person;
  std::map<std::pair<Person, Reader>, bool> by_reader;
  for (Person person = 0; person < 100; ++person) {
    EXPECT_TRUE(std::ranges::is_sorted(numbers(activity.readers_of(person))));
    for (const Link link : activity.readers_of(person)) by_person[{person, link.number()}] = link.on_several_days();
  }
  for (Reader reader = 0; reader < 80; ++reader) {
    EXPECT_TRUE(std::ranges::is_sorted(numbers(activity.persons_of(reader))));
    for (const Link link : activity.persons_of(reader)) by_reader[{link.number(), reader}] = link.on_several_days();
  }
  EXPECT_EQ(by_person, expected);
  EXPECT_EQ(by_reader, expected);
}

TEST(Activity, finds_persons_as_popular_and_then_those_nearest_to_it) {
  // Persons 0 to 4 have one reader, 5 to 6 three, 7 has four, 8 has ten.
  std::vector<Look> looks;
  const std::vector<uint32_t> popularity = {1, 1, 1, 1, 1, 3, 3, 4, 10};
  for (Person person = 0; person < popularity.size(); ++person) {
    for (Reader reader = 0; reader < popularity[person]; ++reader) looks.push_back({person, reader, false});
  }
  const Activity activity(looks, popularity.size(), 10);
  const auto found = [&](Person person, size_t at_least) {
    const auto persons = activity.as_popular_as(person, at_least);
    std::vector<Person> sorted(persons.begin(), persons.end());
    std::ranges::sort(sorted);
    return sorted;
  };
  EXPECT_EQ(found(2, 1), (std::vector<Person>{0, 1, 2, 3, 4}));
  EXPECT_EQ(found(5, 1), (std::vector<Person>{5, 6}));
  EXPECT_EQ(found(5, 3), (std::vector<Person>{5, 6, 7}));
  EXPECT_EQ(found(8, 2), (std::vector<Person>{7, 8}));
  EXPECT_EQ(found(8, 100).size(), popularity.size());
}

TEST(Activity, may_be_empty) {
  const Activity activity({}, 0, 0);
  EXPECT_EQ(activity.persons(), 0U);
  EXPECT_EQ(activity.looks(), 0U);
}

}  // namespace
}  // namespace weerbaar::trace

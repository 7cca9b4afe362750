#include "examine/trace/base_rate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "examine/trace/generated_world.h"
#include "examine/trace/random.h"

namespace weerbaar::trace {
namespace {

std::set<Person> persons_of(const Activity& activity, Reader reader) {
  std::set<Person> persons;
  for (const Link link : activity.persons_of(reader)) persons.insert(link.number());
  return persons;
}

// As the formulas of the header say, without its bounds on readers and persons.
double by_the_formula(const Activity& activity, Person person, const std::vector<Reader>& readers, Reader asked) {
  const auto general = [&](Reader reader) {
    return static_cast<double>(activity.persons_of(reader).size() + 1) /
           static_cast<double>(activity.looks() + activity.readers());
  };
  const std::set<Person> own = persons_of(activity, asked);
  double sum = 0;
  double weights = 0;
  for (const Reader other : readers) {
    const std::set<Person> persons = persons_of(activity, other);
    if (other == asked || persons.size() < 2) continue;
    double looks = 0;
    double together = 0;
    for (const Person one : persons) {
      if (one == person) continue;
      looks += static_cast<double>(activity.readers_of(one).size()) - 1;
      together += own.contains(one) ? 1 : 0;
    }
    if (looks == 0) continue;
    const double known = looks + BaseRates::kPriorLooks;
    const double weight = looks / known / (static_cast<double>(persons.size()) + 10);
    sum += weight * (together + BaseRates::kPriorLooks * general(asked)) / known;
    weights += weight;
  }
  const double share = weights > 0 ? sum / weights : general(asked);
  return std::max(BaseRates::kRateMin, 1 - std::exp(-static_cast<double>(readers.size()) * share));
}

TEST(BaseRates, are_what_the_formula_says) {
  Random random(5);
  std::vector<Look> looks;
  for (Person person = 0; person < 300; ++person) {
    const uint64_t readers = 1 + random.below(9);
    for (uint64_t i = 0; i < readers; ++i) {
      looks.push_back({person, static_cast<Reader>(random.below(8) * random.below(8)), false});
    }
  }
  const Activity activity(looks, 300, 60);
  BaseRates rates(activity);
  for (Person person = 0; person < 300; person += 7) {
    std::vector<Reader> readers;
    for (const Link link : activity.readers_of(person)) readers.push_back(link.number());
    const std::span<const double> found = rates.of(person);
    ASSERT_EQ(found.size(), readers.size());
    for (size_t i = 0; i < readers.size(); ++i) {
      EXPECT_NEAR(found[i], by_the_formula(activity, person, readers, readers[i]), 1e-12);
    }
    // Of somebody who did not consult the person too.
    std::vector<double> others;
    rates.find(person, readers, std::vector<Reader>{59, 1}, others);
    EXPECT_NEAR(others[0], by_the_formula(activity, person, readers, 59), 1e-12);
    EXPECT_NEAR(others[1], by_the_formula(activity, person, readers, 1), 1e-12);
    // Asked again it is remembered.
    EXPECT_EQ(rates.of(person).data(), found.data());
  }
}

TEST(BaseRates, of_a_sole_reader_is_the_share_in_all_looks) {
  const std::vector<Look> looks = {{0, 0, false}, {1, 0, false}, {1, 1, false}};
  const Activity activity(looks, 2, 2);
  BaseRates rates(activity);
  EXPECT_NEAR(rates.of(0)[0], 1 - std::exp(-3.0 / 5), 1e-12);
}

// What the base rates are for: who reads a lot, who works where the person belongs, and persons of public interest.
TEST(BaseRates, agree_with_how_often_it_happens) {
  const testing::GeneratedWorld world(17);
  const Activity activity = world.activity();
  BaseRates rates(activity);
  // Of the readers of persons, by function: the sum of the base rates of all employees asked is about how many of them
  // consult the person.
  std::vector<Reader> everybody;
  for (Reader reader = 0; reader < testing::GeneratedWorld::kEmployees; ++reader) everybody.push_back(reader);
  double expected[4] = {};
  double found[4] = {};
  Random random(2);
  std::vector<double> base;
  for (int i = 0; i < 400; ++i) {
    const auto person = static_cast<Person>(random.below(testing::GeneratedWorld::kPersons));
    std::vector<Reader> readers;
    for (const Link link : activity.readers_of(person)) readers.push_back(link.number());
    if (readers.empty()) continue;
    rates.find(person, readers, everybody, base);
    for (const Reader reader : everybody)
      expected[static_cast<size_t>(world.employee(reader).function)] += base[reader];
    for (const Reader reader : readers) ++found[static_cast<size_t>(world.employee(reader).function)];
  }
  for (const auto function : {testing::Function::kHandler, testing::Function::kCallCentre}) {
    const auto at = static_cast<size_t>(function);
    EXPECT_GT(expected[at], found[at] * 0.6);
    EXPECT_LT(expected[at], found[at] * 1.4);
  }
}

}  // namespace
}  // namespace weerbaar::trace

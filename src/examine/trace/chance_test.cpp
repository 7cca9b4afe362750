#include "examine/trace/chance.h"

#include <gtest/gtest.h>

#include "examine/trace/explanation.h"
#include "examine/trace/leak_sample.h"
#include "examine/trace/random.h"
#include "examine/trace/trace.h"

namespace weerbaar::trace {
namespace {

using testing::SmallLeak;

// The reads of these persons that the activity knows, all on one day.
Leak leak_of(const Activity& activity, const std::vector<Person>& persons) {
  Leak leak;
  leak.from = testing::kLeakFrom;
  leak.before = testing::kLeakBefore;
  for (const Person person : persons) {
    LeakedPerson leaked;
    leaked.person = person;
    for (const Link reader : activity.readers_of(person)) {
      leaked.reads.push_back({reader.number(), testing::on_day(50), {}, ""});
    }
    leak.persons.push_back(leaked);
  }
  return leak;
}

TEST(Chance, is_never_nothing_and_never_more_than_one) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  Assumptions assumptions;
  assumptions.drawings = 99;
  EXPECT_EQ(chance_of(sample.leak, SmallLeak::kSeller, 1e6, rates, assumptions).anywhere, 0.01);
  EXPECT_EQ(chance_of(sample.leak, SmallLeak::kSeller, -1e6, rates, assumptions).anywhere, 1);
}

// Under the hypothesis that it tests, a chance below x comes with a probability of x at most.
TEST(Chance, of_lists_drawn_by_lot_is_as_low_as_it_says_and_not_lower) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  Random random(23);
  Assumptions assumptions;
  assumptions.drawings = 99;
  constexpr int kLists = 400;
  int below_tenth = 0;
  for (int list = 0; list < kLists; ++list) {
    std::vector<Person> persons;
    while (persons.size() < 6) {
      const auto person = static_cast<Person>(random.below(SmallLeak::kPersons));
      if (std::find(persons.begin(), persons.end(), person) == persons.end()) persons.push_back(person);
    }
    assumptions.seed = random.below(1'000'000);
    const auto finding = trace(leak_of(activity, persons), rates, assumptions);
    if (finding->chance.anywhere <= 0.1) ++below_tenth;
  }
  EXPECT_LT(below_tenth, kLists / 10 + 30);
}

// The persons of one case load are seen by who handles it: no wonder, and so no certainty.
TEST(Chance, of_a_list_out_of_one_work_is_held_against_other_works) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const auto finding = trace(leak_of(activity, {121, 122, 124, 125, 127, 128}), rates, {});
  ASSERT_TRUE(finding->chance.one_work.has_value());
  EXPECT_GE(finding->chance.reported(), 0.05);
  // The seller looked at nobody on several days.
  EXPECT_FALSE(trace(sample.leak, rates, {})->chance.one_work.has_value());
}

}  // namespace
}  // namespace weerbaar::trace

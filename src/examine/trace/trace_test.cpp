#include "examine/trace/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "examine/trace/leak_sample.h"

namespace weerbaar::trace {
namespace {

using testing::on_day;
using testing::SmallLeak;

const Suspect* find(const Finding& finding, Reader reader) {
  const auto found = std::ranges::find(finding.ranking, reader, &Suspect::reader);
  return found == finding.ranking.end() ? nullptr : &*found;
}

TEST(Trace, ranks_who_saw_them_without_work_before_who_sees_everybody) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const auto finding = trace(sample.leak, rates, {});
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->leaked_total, 5U);
  EXPECT_EQ(finding->leaked_consulted, 5U);
  EXPECT_EQ(finding->reads, 25U);
  ASSERT_EQ(finding->ranking.size(), 12U);
  const Suspect& first = finding->ranking[0];
  EXPECT_EQ(first.reader, SmallLeak::kSeller);
  EXPECT_EQ(first.leaked_seen, 5U);
  EXPECT_EQ(first.unexplained, 5U);
  EXPECT_EQ(first.first, on_day(80));
  EXPECT_EQ(first.last, on_day(84));
  EXPECT_TRUE(first.is_in_best_explanation);
  EXPECT_EQ(finding->best.readers, std::vector<Reader>{SmallLeak::kSeller});
  // Who sees everybody saw all five too, and is expected to.
  const Suspect* const everybody = find(*finding, SmallLeak::kEverybody);
  ASSERT_NE(everybody, nullptr);
  EXPECT_EQ(everybody->leaked_seen, 5U);
  EXPECT_GT(everybody->expected, 2);
  EXPECT_LT(first.expected, 1);
  EXPECT_LT(everybody->log_ratio, first.log_ratio - std::log(100));
  // The guilt model alone does not tell them apart: four readers each, p = 0.2.
  EXPECT_NEAR(first.guilt, 1 - std::pow(1 - 0.8 / 4, 5), 1e-12);
  EXPECT_NEAR(everybody->guilt, first.guilt, 1e-12);
  EXPECT_LE(finding->chance.reported(), 0.01);
  EXPECT_TRUE(finding->sensitivity.is_stable());
}

TEST(Trace, gives_the_same_bits_again_and_other_lists_for_another_seed) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  Leak mixed = sample.leak;
  mixed.persons.resize(2);  // so that chance has something to say
  const auto run = [&](uint64_t seed) {
    BaseRates rates(activity);
    Assumptions assumptions;
    assumptions.seed = seed;
    assumptions.drawings = 500;
    return *trace(mixed, rates, assumptions);
  };
  const Finding one = run(1);
  const Finding again = run(1);
  ASSERT_EQ(one.ranking.size(), again.ranking.size());
  for (size_t i = 0; i < one.ranking.size(); ++i) {
    EXPECT_EQ(one.ranking[i].reader, again.ranking[i].reader);
    EXPECT_EQ(one.ranking[i].score, again.ranking[i].score);
    EXPECT_EQ(one.ranking[i].expected, again.ranking[i].expected);
  }
  EXPECT_EQ(one.chance.anywhere, again.chance.anywhere);
  EXPECT_EQ(one.chance.one_work, again.chance.one_work);
  EXPECT_EQ(one.best.score, again.best.score);
  std::vector<double> chances;
  for (uint64_t seed = 1; seed < 9; ++seed) chances.push_back(run(seed).chance.anywhere);
  EXPECT_NE(std::ranges::count(chances, chances[0]), static_cast<long>(chances.size()));
}

TEST(Trace, lets_explained_consultations_weigh_less) {
  SmallLeak sample;
  for (LeakedPerson& leaked : sample.leak.persons) {
    for (Read& read : leaked.reads) {
      if (read.reader == SmallLeak::kSeller) read = {read.reader, read.time, Verdict::kExplained, "case"};
    }
  }
  // One of them was consulted once more, and that is not explained.
  sample.leak.persons[0].reads.push_back({SmallLeak::kSeller, on_day(90), Verdict::kUnexplained, ""});
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const SmallLeak plain;
  const Suspect before = *find(*trace(plain.leak, rates, {}), SmallLeak::kSeller);
  Assumptions assumptions;
  const auto finding = trace(sample.leak, rates, assumptions);
  const Suspect after = *find(*finding, SmallLeak::kSeller);
  EXPECT_TRUE(finding->any_explained);
  EXPECT_EQ(after.unexplained, 1U);
  EXPECT_EQ(after.rules, std::vector<std::string>{"case"});
  EXPECT_LT(after.score, before.score);
  EXPECT_LT(after.guilt, before.guilt);
  // Four with a share of 0.25 in 3.25, one of one in four.
  EXPECT_NEAR(after.guilt, 1 - std::pow(1 - 0.8 * 0.25 / 3.25, 4) * (1 - 0.8 / 4), 1e-12);
  assumptions.explained_weight = 0;
  const Suspect weightless = *find(*trace(sample.leak, rates, assumptions), SmallLeak::kSeller);
  EXPECT_NEAR(weightless.guilt, 0.8 / 4, 1e-12);
}

TEST(Trace, knows_a_list_that_nobody_saw) {
  SmallLeak sample;
  for (LeakedPerson& leaked : sample.leak.persons) leaked.reads.clear();
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const auto finding = trace(sample.leak, rates, {});
  ASSERT_TRUE(finding.has_value());
  EXPECT_TRUE(finding->ranking.empty());
  EXPECT_EQ(finding->leaked_consulted, 0U);
  EXPECT_EQ(finding->chance.reported(), 1);
}

TEST(Trace, refuses_what_it_cannot_work_with) {
  SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  Assumptions assumptions;
  assumptions.elsewhere = 1;
  EXPECT_EQ(trace(sample.leak, rates, assumptions).error().code, Code::kInvalid);
  EXPECT_EQ(trace(Leak{}, rates, {}).error().code, Code::kInvalid);
  sample.leak.persons[0].reads[0].time = on_day(100);
  EXPECT_EQ(trace(sample.leak, rates, {}).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trace

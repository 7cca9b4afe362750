#include "examine/trace/sensitivity.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "examine/trace/leak_sample.h"

namespace weerbaar::trace {
namespace {

using testing::on_day;
using testing::SmallLeak;

TEST(Sensitivity, tries_every_combination_and_the_assumptions_made_first) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const Sensitivity plain = sensitivity_of(sample.leak, rates, {});
  EXPECT_EQ(plain.variants.size(), 3U * 3U);  // chances, windows; nothing is explained
  EXPECT_EQ(plain.variants[0].elsewhere, 0.2);
  EXPECT_EQ(plain.variants[0].from, sample.leak.from);
  EXPECT_TRUE(plain.is_stable());
  Assumptions assumptions;
  assumptions.elsewhere = 0.3;
  EXPECT_EQ(sensitivity_of(sample.leak, rates, assumptions).variants.size(), 4U * 3U);
}

TEST(Sensitivity, names_the_window_when_the_first_one_saw_nothing_late) {
  SmallLeak sample;
  for (LeakedPerson& leaked : sample.leak.persons) {
    for (Read& read : leaked.reads) {
      if (read.reader == SmallLeak::kSeller) read.time = on_day(30);
      if (read.reader == SmallLeak::kEverybody) read.time = on_day(90);
    }
  }
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const Sensitivity found = sensitivity_of(sample.leak, rates, {});
  EXPECT_FALSE(found.is_stable());
  EXPECT_EQ(found.variants[0].first, SmallLeak::kSeller);
  ASSERT_FALSE(found.changes.empty());
  for (const Sensitivity::Change& change : found.changes) {
    EXPECT_EQ(change.assumption, Assumption::kWindow);
    EXPECT_EQ(change.variant.first, SmallLeak::kEverybody);
  }
}

TEST(Sensitivity, names_the_weight_when_all_of_the_first_is_explained) {
  SmallLeak sample;
  for (LeakedPerson& leaked : sample.leak.persons) {
    for (Read& read : leaked.reads) {
      if (read.reader == SmallLeak::kSeller) read.verdict = Verdict::kExplained;
    }
  }
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const Sensitivity found = sensitivity_of(sample.leak, rates, {});
  const auto weightless = std::ranges::find_if(found.changes, [](const Sensitivity::Change& change) {
    return change.assumption == Assumption::kExplainedWeight && change.variant.explained_weight == 0;
  });
  ASSERT_NE(weightless, found.changes.end());
  EXPECT_NE(weightless->variant.first, SmallLeak::kSeller);
}

}  // namespace
}  // namespace weerbaar::trace

#include "examine/trace/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "examine/trace/leak_sample.h"

namespace weerbaar::trace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::SmallLeak;

std::string name_of(Reader reader) {
  return "u" + std::to_string(reader);
}

TEST(Words, say_of_the_first_what_was_seen_and_what_was_expected) {
  const SmallLeak sample;
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const Finding finding = *trace(sample.leak, rates, {});
  const std::string text = in_words(finding.ranking[0], finding);
  EXPECT_THAT(text, HasSubstr("Saw 5 of the 5 leaked persons"));
  EXPECT_THAT(chance_in_words(finding), HasSubstr("999 lists drawn"));
  EXPECT_THAT(chance_in_words(finding), HasSubstr("rarely an accident"));
  EXPECT_EQ(group_in_words(finding, name_of), "");
  EXPECT_THAT(sensitivity_in_words(finding, name_of), HasSubstr("under all 9 combinations"));
  EXPECT_THAT(assumptions_in_words(finding).back(), HasSubstr("No check has judged these consultations"));
}

TEST(Words, say_what_the_work_explains_and_what_was_not_judged) {
  SmallLeak sample;
  for (LeakedPerson& leaked : sample.leak.persons) {
    for (Read& read : leaked.reads) {
      if (read.reader == SmallLeak::kSeller) continue;
      read.verdict = read.reader == SmallLeak::kEverybody ? Verdict::kUnexplained : Verdict::kExplained;
      if (read.verdict == Verdict::kExplained) read.rule = "handles-case";
    }
  }
  const Activity activity = sample.activity();
  BaseRates rates(activity);
  const Finding finding = *trace(sample.leak, rates, {});
  EXPECT_EQ(finding.judged, 20U);
  EXPECT_EQ(finding.explained, 15U);
  ASSERT_EQ(finding.ranking[0].reader, SmallLeak::kSeller);
  EXPECT_THAT(in_words(finding.ranking[0], finding), HasSubstr("Nothing of it is explained by work."));
  EXPECT_THAT(in_words(finding.ranking.back(), finding), HasSubstr("The work explains 1 person (handles-case)."));
  const std::vector<std::string> assumed = assumptions_in_words(finding);
  EXPECT_THAT(assumed[assumed.size() - 2], HasSubstr("as 15 of 20 do by the last check, weighs 0.25"));
  EXPECT_THAT(assumed.back(), HasSubstr("No check has judged 5 other consultations"));
}

TEST(Words, say_when_a_ratio_is_no_more_than_accident_gives) {
  Finding finding;
  finding.readers = 2'000;
  finding.leaked_total = 20;
  Suspect suspect;
  suspect.log_ratio = std::log(40'000);
  suspect.score = -1;
  EXPECT_THAT(in_words(suspect, finding), HasSubstr("nothing to do with this one fits better still"));
  suspect.score = std::log(1'000);
  EXPECT_THAT(in_words(suspect, finding),
              HasSubstr("Among 2000 employees and accounts one may fit as well by accident"));
  suspect.score = std::log(3'000);
  EXPECT_THAT(in_words(suspect, finding), Not(HasSubstr("accident")));
}

TEST(Words, name_who_comes_first_under_other_assumptions) {
  Finding finding;
  finding.ranking.emplace_back();
  Variant variant;
  variant.elsewhere = 0.5;
  variant.first = 7;
  finding.sensitivity.variants = {Variant{}, variant};
  finding.sensitivity.same_first = 1;
  finding.sensitivity.changes = {{Assumption::kElsewhere, variant}};
  EXPECT_THAT(sensitivity_in_words(finding, name_of), HasSubstr("elsewhere is 50 %, u7 comes first"));
  finding.best.readers = {3, 4};
  EXPECT_THAT(group_in_words(finding, name_of), HasSubstr("u3 and u4 together"));
  EXPECT_THAT(chance_in_words(finding), HasSubstr("Nobody explains the list better than chance"));
  finding.best.score = 1;
  finding.chance.anywhere = 0.3;
  EXPECT_THAT(chance_in_words(finding), HasSubstr("points to nobody"));
}

TEST(Words, claim_no_more_than_a_ratio_can) {
  EXPECT_EQ(fit_in_words(std::log(40)), "about 40 times as well");
  EXPECT_EQ(fit_in_words(std::log(2.5)), "about 2.5 times as well");
  EXPECT_EQ(fit_in_words(500), "more than a million times as well");
  EXPECT_EQ(fit_in_words(-500), "less than a millionth as well");
  EXPECT_EQ(fit_in_words(0), "about as well");
  EXPECT_EQ(percent(0.004), "0.4 %");
  EXPECT_EQ(percent(0.2), "20 %");
}

TEST(Words, say_in_both_languages_that_it_is_no_proof) {
  EXPECT_THAT(std::string(kLeadInDutch), HasSubstr("Aanknopingspunt, geen bewijs"));
  EXPECT_THAT(std::string(kLeadInEnglish), HasSubstr("A lead, not proof"));
}

}  // namespace
}  // namespace weerbaar::trace

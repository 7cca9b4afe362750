#include "examine/detect/signal_policy.h"

#include <gtest/gtest.h>

#include <string>

#include "examine/detect/registry.h"

namespace weerbaar::detect {
namespace {

constexpr std::string_view kSmall = R"(budget = 30
random = 3
score_min = 4
left = 0.5
rest = 2
[detector.near]
weight = 1
cap = 6
)";

TEST(SignalPolicy, that_comes_with_the_program_weighs_every_detector) {
  const auto policy = read_signal_policy(standard_signal_policy(), "standard");
  ASSERT_TRUE(policy.has_value()) << policy.error().text;
  EXPECT_EQ(policy->budget, 30);
  ASSERT_EQ(policy->detectors.size(), detectors().size());
  for (const DetectorWeight& weight : policy->detectors) {
    EXPECT_GT(weight.weight, 0);
    EXPECT_GT(weight.cap, kStrengthMin);
  }
}

TEST(SignalPolicy, counts_only_the_detectors_that_it_names) {
  const auto policy = read_signal_policy(kSmall, "p.toml");
  ASSERT_TRUE(policy.has_value()) << policy.error().text;
  double sum = 0;
  for (const DetectorWeight& weight : policy->detectors) sum += weight.weight;
  EXPECT_EQ(sum, 1);
  EXPECT_EQ(policy->rest, 2U);
}

TEST(SignalPolicy, names_the_place_of_what_is_wrong_and_the_remedy) {
  struct Wrong {
    std::string from;
    std::string to;
    std::string text;
  };
  const Wrong wrongs[] = {
      {"budget = 30", "budget = -1", "p.toml:1:10: write a number from 0 to 10000"},
      {"budget = 30", "budget = nan", "p.toml:1:10: write a number"},
      {"budget = 30", "", "budget is missing: add budget = …"},
      {"random = 3", "randon = 3", "p.toml:2:1: an unknown key"},
      {"near", "neer", "p.toml:6:11: there is no such detector: absence, break-glass"},
      {"cap = 6", "cap = \"six\"", "p.toml:8:7: write a number from 1 to 100"},
      {"cap = 6", "", "cap is missing"},
      {"[detector.near]", "[detector.near", "p.toml:6"},
      {"[detector.near]\nweight = 1\ncap = 6\n", "", "p.toml: no detector counts"},
      {"[detector.near]\nweight = 1\ncap = 6\n", "[detector]\nnear = 1\n", "write a section with weight and cap"},
      {"budget", "\xff", "p.toml: it is no UTF-8"},
  };
  for (const Wrong& wrong : wrongs) {
    std::string text(kSmall);
    text.replace(text.find(wrong.from), wrong.from.size(), wrong.to);
    const auto policy = read_signal_policy(text, "p.toml");
    ASSERT_FALSE(policy.has_value()) << wrong.to;
    EXPECT_EQ(policy.error().code, Code::kInvalid);
    EXPECT_NE(policy.error().text.find(wrong.text), std::string::npos) << policy.error().text;
  }
}

}  // namespace
}  // namespace weerbaar::detect

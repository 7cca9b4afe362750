#include "examine/purpose/rule_cases.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "examine/purpose/rule.h"
#include "examine/purpose/testing.h"

namespace weerbaar::purpose {
namespace {

// Those that come with the program: each has its explanations and its cases, and fires in just those.

using ::testing::HasSubstr;
using testing::read_all;
using testing::rule_folders;
using testing::standard_rules;

TEST(StandardRules, are_read_without_an_error) {
  for (const auto& folder : rule_folders()) {
    const auto rule = read_rule("r", read_all(folder / "rule.toml"), folder.filename().string() + "/rule.toml");
    EXPECT_TRUE(rule.has_value()) << rule.error().text;
  }
}

TEST(StandardRules, fire_in_their_cases_and_in_no_other) {
  const std::vector<Rule> rules = standard_rules();
  ASSERT_GE(rules.size(), 15U);
  for (const auto& folder : rule_folders()) {
    const std::string id = folder.filename().string();
    const auto cases = read_cases(read_all(folder / "cases.toml"), id + "/cases.toml");
    ASSERT_TRUE(cases.has_value()) << cases.error().text;
    const Status tried = try_cases(rules, id, *cases);
    EXPECT_TRUE(tried.has_value()) << tried.error().text;
  }
}

TEST(StandardRules, are_explained_in_dutch_and_english) {
  for (const auto& folder : rule_folders()) {
    for (const char* language : {"nl", "en"}) {
      const std::string text = read_all(folder / fmt::format("explanation.{}.md", language));
      EXPECT_TRUE(text.starts_with("# ") && text.size() > 60) << folder << " lacks its explanation in " << language;
    }
  }
}

TEST(RuleCases, that_come_out_otherwise_are_named) {
  const std::vector<Rule> rules = standard_rules();
  const std::string text = R"(
[[case]]
name = "his own"
fires = true
facts = [ { table = "employee", employee = "e1", subject = "bsn:123456782" } ]
access = { time = "2026-03-02", employee = "e1", subject = "bsn:123456782" }
[[case]]
name = "another's"
fires = false
facts = [ { table = "employee", employee = "e1", subject = "bsn:123456782" } ]
access = { time = "2026-03-02", employee = "e1", subject = "bsn:123456782" }
)";
  const auto cases = read_cases(text, "cases.toml");
  ASSERT_TRUE(cases.has_value()) << cases.error().text;
  const Status tried = try_cases(rules, "self", *cases);
  ASSERT_FALSE(tried.has_value());
  EXPECT_EQ(tried.error().text, "rule self: in the case \"another's\" it fires, and must not");
}

TEST(RuleCases, must_show_both_that_it_fires_and_that_it_does_not) {
  const std::string fires = "[[case]]\nname = \"a\"\nfires = true\naccess = { time = \"2026-03-02\" }\n";
  const auto cases = read_cases(fires, "cases.toml");
  ASSERT_FALSE(cases.has_value());
  EXPECT_THAT(cases.error().text, HasSubstr("no case in which the rule must not fire"));
  EXPECT_THAT(read_cases("", "cases.toml").error().text, HasSubstr("no case in which the rule must fire"));
}

TEST(RuleCases, name_the_place_of_what_is_wrong) {
  const std::string head = "[[case]]\nname = \"a\"\nfires = true\n";
  const std::pair<std::string, std::string> wrong[] = {
      {"rule = 1\n", "f:1:1: an unknown key"},
      {head, "f:1:"},
      {head + "access = { time = \"2026-02-30\" }\n", "f:4:19: "},
      {head + "access = { time = \"2026-02-28\", colour = \"red\" }\n", "f:4:33: an access has no such property"},
      {head + "access = { time = \"2026-02-28\", action = \"peek\" }\n", "f:4:42: there is no such action"},
      {head + "access = { time = \"2026-02-28\" }\nfacts = [ { table = \"cases\" } ]\n", "f:5:21: there is no table"},
      {head + "access = { time = \"2026-02-28\" }\nfacts = [ { table = \"case\", colour = \"red\" } ]\n",
       "f:5:29: the table \"case\" has no such column"},
  };
  for (const auto& [text, error] : wrong) {
    const auto cases = read_cases(text, "f");
    ASSERT_FALSE(cases.has_value()) << text;
    EXPECT_THAT(cases.error().text, ::testing::StartsWith(error)) << text;
  }
}

}  // namespace
}  // namespace weerbaar::purpose

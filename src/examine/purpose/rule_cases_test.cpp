#include "examine/purpose/rule_cases.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
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

// Whether the rule fires for e1 and bsn:123456782 at noon of 2 March 2026, with these facts.
bool fires(std::string_view id, const std::string& facts) {
  const std::string access =
      "\naccess = { time = \"2026-03-02T12:00:00Z\", employee = \"e1\", subject = \"bsn:123456782\" }\n";
  std::string text;
  for (const char* word : {"true", "false"}) {
    text += fmt::format("[[case]]\nname = \"a\"\nfires = {}\nfacts = [{}]{}", word, facts, access);
  }
  const auto cases = read_cases(text, "f");
  EXPECT_TRUE(cases.has_value()) << (cases ? "" : cases.error().text);
  return try_cases(standard_rules(), id, std::span(*cases).first(1)).has_value();
}

TEST(StandardRules, let_a_case_explain_only_while_it_is_open) {
  const std::string open_ended = R"({ table = "case_subject", case = "Z", subject = "bsn:123456782" },
    { table = "case_employee", case = "Z", employee = "e1" }, { table = "case_employee", case = "Z", employee = "e2" },
    { table = "case_unit", case = "Z", unit = "U" }, { table = "position", employee = "e1", unit = "U", function = "f" },
    { table = "supervisor", employee = "e2", supervisor = "e1" })";
  const auto closed_on = [&](std::string_view date) {
    return fmt::format(R"({}, {{ table = "case", case = "Z", valid_to = "{}" }})", open_ended, date);
  };
  struct Grace {
    std::string_view rule;
    std::string_view last;  // day of closing that still counts
    std::string_view too_early;
  };
  for (const auto& [rule, last, too_early] : {Grace{"handles-case", "2026-02-17", "2026-02-16"},
                                              {"team-handles-case", "2026-03-03", "2026-03-02"},
                                              {"supervisor-review", "2026-01-02", "2026-01-01"}}) {
    EXPECT_TRUE(fires(rule, open_ended + R"(, { table = "case", case = "Z" })")) << rule;
    EXPECT_TRUE(fires(rule, closed_on(last))) << rule;
    EXPECT_FALSE(fires(rule, closed_on(too_early))) << rule;
    EXPECT_FALSE(fires(rule, closed_on("2020-01-01"))) << rule;
    EXPECT_FALSE(fires(rule, open_ended)) << rule;
    // Opened again.
    EXPECT_TRUE(fires(rule, closed_on("2020-01-01") + R"(, { table = "case", case = "Z", valid_from = "2026-03-01" })"))
        << rule;
  }
  const std::string shielded = R"({ table = "shielded", subject = "bsn:123456782" }, )";
  EXPECT_TRUE(fires("shielded-without-duty", shielded + closed_on("2020-01-01")));
  EXPECT_FALSE(fires("shielded-without-duty", shielded + closed_on("2026-02-20")));
}

TEST(StandardRules, find_neighbours_however_an_address_is_written) {
  struct Pair {
    std::string_view own;
    std::string_view other;
    bool are_neighbours;
  };
  const Pair pairs[] = {
      {"3511AB 12-A", "3511AB 12-B", true},
      {"3511AB 12", "3511AB 12 A", true},
      {"3511AB 12", "3511AB 14 A", true},
      {"3511 AB 12 hs", "3511AB 16-2", true},
      {"3511AB  12", "3511AB 13", true},
      {"3511AB 12 2", "3511AB 9 3", true},
      {"3511AB 12", "3511AB 17", false},
      {"3511AB 12 A", "3511AB 17 A", false},
      {"3511AB 12 2", "3511AB 112 3", false},
      {"3511AB 12", "3511AC 12 A", false},
      {"3511AB 12", "3511AB 12", false},
      {"Kerkstraat 12", "Kerkstraat 14 A", true},
      {"Plein 1940 12", "Plein 1940 14", true},
      {"Plein 1940 12", "Plein 1945 12", false},
      {"1e Dwarsstraat 12", "1e Dwarsstraat 16", true},
      {"1e Dwarsstraat 12", "2e Dwarsstraat 12", false},
      {"Kerkstraat", "Kerkstraat 1", false},
      {"3511AB", "3511AB ", false},
      {"3511AB A", "3511AB B", false},
      {" 12", " 13", false},
      {"12", "13", false},
      {"3511AB 99999999999999999999", "3511AB 99999999999999999998", false},
      {"3511AB 0", "3511AB 18446744073709551615", false},
  };
  for (const auto& [own, other, expected] : pairs) {
    for (const auto& [left, right] : {std::pair(own, other), std::pair(other, own)}) {
      const std::string facts = fmt::format(R"({{ table = "employee", employee = "e1", address = "{}" }},
        {{ table = "person", subject = "bsn:123456782", address = "{}" }})",
                                            left, right);
      EXPECT_EQ(fires("neighbour", facts), expected) << left << " | " << right;
    }
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
  EXPECT_EQ(tried.error().text,
            "cases.toml:7:1: in the case \"another's\" the rule self fires, and must not: mend the rule or the case");
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
  const std::string facts = head + "access = { time = \"2026-02-28\" }\nfacts = ";
  const std::pair<std::string, std::string> wrong[] = {
      {"rule = 1\n", "f:1:1: an unknown key"},
      {head, "f:1:"},
      {head + "access = { time = \"2026-02-30\" }\n", "f:4:19: "},
      {head + "access = { time = \"2026-02-28\", colour = \"red\" }\n", "f:4:33: an access has no such property"},
      {head + "access = { time = \"2026-02-28\", action = \"peek\" }\n", "f:4:42: there is no such action"},
      {"[case]\nname = \"a\"\n", "f:1:1: write sections [[case]]"},
      {head + "access = { time = \"2026-02-28\", subject = \"123456782\" }\n", "f:4:43: it is not written as TYPE:ID"},
      {head + "access = { time = \"2026-02-28\", subject = [\"bsn:123456782\", \"bsn:1\"] }\n", "f:4:61: the number"},
      {facts + "{ table = \"contact\" }\n", "f:5:9: write a list"},
      {facts + "\"contact\"\n", "f:5:9: write a list"},
      {facts + "[ 7 ]\n", "f:5:11: write facts as {"},
      {facts + "[ { table = \"case\", case = \"Z\", valid_from = \"2026-03-02\", valid_to = \"2026-03-01\" } ]\n",
       "f:5:79: the fact ends before it begins"},
      {facts + "[ { table = \"case\", case = \"Z\", valid_from = \"2026-03-01\", valid_to = \"2026-03-01\" } ]\n",
       "f:5:79: the fact ends before it begins"},
      {facts + "[ { table = \"contact\", employee = \"e\", subject = \"bsn:123456782\", channel = \"telephone\" } ]\n",
       "f:5:85: this is none of the words of the column \"channel\": phone, counter, letter, mail, visit"},
      {facts + "[ { table = \"contact\", employee = \"e\", subject = \"bsn:123456782\" } ]\n",
       "f:5:11: the fact says no \"channel\", which a fact of \"contact\" must"},
      {facts + "[ { table = \"shielded\", subject = \"no subject\" } ]\n", "f:5:43: it is not written as TYPE:ID"},
      {head + "access = { time = \"2026-02-28\" }\nfacts = [ { table = \"cases\" } ]\n",
       "f:5:21: there is no such table"},
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

#include "examine/purpose/rule.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/time.h"

namespace weerbaar::purpose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kGood = R"(conclusion = "explained"
[[step]]
table = "case_subject"
subject = "access.subject"
case = "$case"
late = "14d"
[[step]]
table = "case_employee"
case = "$case"
employee = "access.employee"
)";

TEST(Rule, reads_a_path_of_steps) {
  const auto rule = read_rule("handles-case", kGood, "rule.toml");
  ASSERT_TRUE(rule.has_value()) << rule.error().text;
  EXPECT_EQ(rule->id, "handles-case");
  EXPECT_EQ(rule->conclusion, Conclusion::kExplained);
  EXPECT_THAT(rule->variables, ElementsAre("case"));
  ASSERT_EQ(rule->steps.size(), 2U);
  EXPECT_EQ(rule->steps[0].table->name, "case_subject");
  EXPECT_EQ(rule->steps[0].window.late, 14 * kMicrosPerDay);
  EXPECT_EQ(rule->steps[0].window.early, 0);
  EXPECT_EQ(rule->steps[0].matches.size(), 2U);
}

TEST(Rule, reads_what_the_access_must_be) {
  const auto rule = read_rule("r", R"(conclusion = "flagged"
actions = ["export", "print"]
break_glass = false
reason = true
unless = ["a", "b"]
)",
                              "rule.toml");
  ASSERT_TRUE(rule.has_value()) << rule.error().text;
  EXPECT_THAT(rule->actions, ElementsAre("export", "print"));
  EXPECT_EQ(rule->break_glass, false);
  EXPECT_EQ(rule->reason, true);
  EXPECT_THAT(rule->unless, ElementsAre("a", "b"));
  EXPECT_THAT(rule->unless_places, ElementsAre("rule.toml:5:11", "rule.toml:5:16"));
}

struct Wrong {
  std::string text;
  std::string place;
  std::string why;
};

TEST(Rule, names_the_place_of_what_is_wrong_and_the_remedy) {
  const std::string head = "conclusion = \"explained\"\n";
  const std::string step = head + "[[step]]\ntable = \"case_subject\"\nsubject = \"access.subject\"\n";
  const Wrong cases[] = {
      {"[[step]]\n", "f:1:", "say conclusion"},
      {"conclusion = \"guilty\"\n", "f:1:14", "\"explained\" or \"flagged\""},
      {head, "f:1:", "asks nothing"},
      {head + "actions = [\"peek\"]\n", "f:2:", "there is no such action"},
      {head + "explain = 1\n", "f:2:1", "an unknown key"},
      {head + "[[step]]\ntable = \"cases\"\n", "f:3:9", "no such table of facts; there are absence, account"},
      {head + "[[step]]\nsubject = \"access.subject\"\n", "f:2:", "names no table"},
      {head + "[[step]]\ntable = \"honey\"\n", "f:2:", "of no column"},
      {step + "colour = \"red\"\n", "f:5:1", "no such column; it has case, subject, role"},
      {step + "case = \"access.employee\"\n", "f:5:8", "not of the kind case"},
      {step + "case = \"access.colour\"\n", "f:5:8", "an access has no such property; there are access.employee"},
      {step + "case = 7\n", "f:5:8", "must be a text"},
      {step + "case = \"$\"\n", "f:5:8", "has a name"},
      {step + "case = \"$case\"\n", "f:5:8", "$case is named once"},
      {step + "late = \"soon\"\n", "f:5:8", "such as \"14d\", \"8h\" or \"30m\""},
      {step + "late = \"-1d\"\n", "f:5:8", "must be a period"},
      {step + "late = \"36526d\"\n", "f:5:8", "ever = true"},
      {step + "late = \"99999999999999999999d\"\n", "f:5:8", "must be a period"},
      {step + "ever = true\nlate = \"1d\"\n", "f:5:8", "exclude each other"},
      {step + "[[step]]\ntable = \"contact\"\nchannel = \"smoke\"\nemployee = \"access.employee\"\n", "f:7:11",
       "none of the words of the column \"channel\": phone, counter"},
      {step + "[[step]]\ntable = \"honey\"\nsubject = \"bsn:123456782\"\n", "f:5:", "nothing joins this step"},
      {step + "case = \"$x\"\n[[step]]\ntable = \"employee\"\nemployee = \"$x\"\n", "f:8:12",
       "$x is of the kind case, and here of the kind employee"},
      {step + "case = \"$x\"\nabsent = true\n[[step]]\ntable = \"case\"\ncase = \"$x\"\nabsent = true\n", "f:5:8",
       "no step that is not absent names $x"},
      {step + "[[where]]\nleft = \"access.employee\"\nis = \"same\"\nright = \"access.subject\"\n",
       "f:5:", "left is of the kind employee, right of the kind subject"},
      {step + "[[where]]\nleft = \"access.subject\"\nis = \"neighbouring\"\nright = \"access.subject\"\n",
       "f:5:", "only addresses"},
      {step + "[[where]]\nleft = \"access.subject\"\nis = \"like\"\nright = \"access.subject\"\n", "f:7:6",
       "is must be one of same, different, neighbouring"},
      {step + "[[where]]\nleft = \"access.subject\"\nis = \"same\"\n", "f:5:", "right is missing"},
      {step + "[[step]]\ntable = \"relation\"\nemployee = \"access.employee\"\nrelation = \"$r\"\n[[where]]\nleft = "
              "\"$r\"\nis = \"same\"\nright = \"cousin\"\n",
       "f:12:9", "none of the words of the column \"relation\""},
      {"conclusion = ", "f:1:", ""},
  };
  for (const Wrong& wrong : cases) {
    const auto rule = read_rule("r", wrong.text, "f");
    ASSERT_FALSE(rule.has_value()) << wrong.text;
    EXPECT_EQ(rule.error().code, Code::kInvalid);
    EXPECT_THAT(rule.error().text, StartsWith(wrong.place)) << wrong.text;
    EXPECT_THAT(rule.error().text, HasSubstr(wrong.why)) << wrong.text;
  }
}

TEST(Rule, refuses_a_word_that_looks_like_a_misspelt_property) {
  const std::string head = "conclusion = \"explained\"\n[[step]]\ntable = \"contact\"\nsubject = \"access.subject\"\n";
  for (const char* word :
       {"acces.employee", "acess.employee", "Access.employee", "axcess.x", "acces.", "accesss.employee"}) {
    const auto rule = read_rule("r", head + "employee = \"" + word + "\"\n", "f");
    ASSERT_FALSE(rule.has_value()) << word;
    EXPECT_THAT(rule.error().text, StartsWith("f:5:12: this looks like a property of the access")) << word;
    EXPECT_THAT(rule.error().text, HasSubstr("access.employee, access.subject")) << word;
    const auto compared =
        read_rule("r", head + "[[where]]\nleft = \"" + word + "\"\nis = \"same\"\nright = \"access.system\"\n", "f");
    ASSERT_FALSE(compared.has_value()) << word;
    EXPECT_THAT(compared.error().text, StartsWith("f:6:8: this looks like")) << word;
  }
  for (const char* word :
       {"j.jansen", "a.b", "accessemployee", "success", "unit.access.employee", "process.employee"}) {
    EXPECT_TRUE(read_rule("r", head + "employee = \"" + word + "\"\n", "f").has_value()) << word;
  }
  // What people read may say anything.
  EXPECT_TRUE(read_rule("r",
                        "conclusion = \"flagged\"\n[[step]]\ntable = \"public_figure\"\nsubject = "
                        "\"access.subject\"\nremark = \"acces.\"\n",
                        "f")
                  .has_value());
}

TEST(Rule, refuses_a_word_that_is_no_subject_where_one_is_asked_for) {
  const std::string head = "conclusion = \"flagged\"\n[[step]]\ntable = \"contact\"\nemployee = \"access.employee\"\n";
  const auto compare = [&](const std::string& word) {
    return "subject = \"access.subject\"\n[[where]]\nleft = \"access.subject\"\nis = \"different\"\nright = \"" + word +
           "\"\n";
  };
  for (const char* word : {"123456782", "citizen:123456782", "bsn:", "bsn:123456789"}) {
    const auto rule = read_rule("r", head + "subject = \"" + word + "\"\n", "f");
    ASSERT_FALSE(rule.has_value()) << word;
    EXPECT_THAT(rule.error().text, StartsWith("f:5:11: ")) << word;
    const auto compared = read_rule("r", head + compare(word), "f");
    ASSERT_FALSE(compared.has_value()) << word;
    EXPECT_THAT(compared.error().text, StartsWith("f:9:9: ")) << word;
    for (const auto* refused : {&rule, &compared})
      EXPECT_THAT(refused->error().text, Not(HasSubstr("12345678"))) << word;
  }
  EXPECT_TRUE(read_rule("r", head + "subject = \"bsn:123456782\"\n", "f").has_value());
  EXPECT_TRUE(read_rule("r", head + compare("bsn:123456782"), "f").has_value());
}

std::vector<Rule> rules_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& unless) {
  std::vector<Rule> rules;
  for (const auto& [id, others] : unless) {
    std::string text = kGood;
    if (!others.empty()) {
      const size_t second_line = text.find('\n') + 1;
      text.insert(second_line, fmt::format("unless = [\"{}\"]\n", fmt::join(others, "\", \"")));
    }
    rules.push_back(read_rule(id, text, fmt::format("rules/{}/rule.toml", id)).value());
  }
  return rules;
}

TEST(Rules, come_behind_those_that_they_name) {
  std::vector<Rule> rules = rules_of({{"a", {"c", "b"}}, {"b", {"c"}}, {"d", {}}, {"c", {}}});
  ASSERT_TRUE(put_in_order(rules).has_value());
  std::vector<std::string> ids;
  for (const Rule& rule : rules) ids.push_back(rule.id);
  EXPECT_THAT(ids, ElementsAre("c", "b", "a", "d"));
}

TEST(Rules, that_cannot_be_put_in_order_are_named) {
  const auto why_not = [](std::vector<Rule> rules) {
    const Status status = put_in_order(rules);
    return status ? std::string() : status.error().text;
  };
  EXPECT_EQ(why_not(rules_of({{"a", {"b"}}, {"b", {"d", "c"}}, {"c", {"a"}}, {"d", {}}})),
            "rules/c/rule.toml:2:11: unless leads in a circle, a, b, c, a: remove one of these");
  // Of the circle only what is in it.
  EXPECT_EQ(why_not(rules_of({{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}})),
            "rules/c/rule.toml:2:11: unless leads in a circle, b, c, b: remove one of these");
  EXPECT_EQ(why_not(rules_of({{"a", {"a"}}})),
            "rules/a/rule.toml:2:11: unless leads in a circle, a, a: remove one of these");
  EXPECT_EQ(why_not(rules_of({{"a", {"b", "z"}}, {"b", {}}})),
            "rules/a/rule.toml:2:16: unless names the rule \"z\", which is not among these: mend its id, or remove it");
  EXPECT_THAT(why_not(rules_of({{"a", {}}, {"a", {}}})), HasSubstr("rule a: it is there twice"));
}

}  // namespace
}  // namespace weerbaar::purpose

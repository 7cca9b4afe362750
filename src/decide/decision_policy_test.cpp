#include "decide/decision_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace weerbaar::decide {
namespace {

// The standard policy with one text in place of another.
std::string with(std::string_view what, std::string_view instead) {
  std::string text(standard_decision_policy());
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

TEST(DecisionPolicy, that_of_the_program_denies_all_that_is_doubtful) {
  const auto policy = DecisionPolicy::read(standard_decision_policy(), "p.toml");
  ASSERT_TRUE(policy.has_value()) << policy.error().text;
  EXPECT_TRUE(policy->of(Condition::kExplained).permit);
  EXPECT_TRUE(policy->of(Condition::kUnexplained).ask_reason);
  for (const Condition condition :
       {Condition::kFlagged, Condition::kShielded, Condition::kNotAuthorised, Condition::kUnknownEmployee,
        Condition::kUnknownPerson, Condition::kUnknownAction, Condition::kBreakGlassWithoutReason}) {
    EXPECT_FALSE(policy->of(condition).permit) << to_string(condition);
  }
  EXPECT_TRUE(policy->of(Condition::kBreakGlass).review);
  EXPECT_TRUE(policy->of_flag("neighbour").opens_by_break_glass);
  EXPECT_FALSE(policy->of_flag("self").opens_by_break_glass);
  EXPECT_TRUE(policy->of_flag("data-beyond-activity").mask_beyond_activity);
  EXPECT_EQ(policy->rules(), (std::vector<std::string>{"data-beyond-activity", "declared-relation", "self"}));
}

// What is said, without comments and empty lines.
std::string without_comments(std::string_view toml) {
  std::istringstream lines{std::string(toml)};
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.find('#'), line.size()));
    line.resize(line.find_last_not_of(' ') + 1);
    if (!line.empty()) all += line + "\n";
  }
  return all;
}

TEST(DecisionPolicy, that_of_the_program_is_the_example_of_its_document) {
  std::ifstream file(WEERBAAR_SOURCE_DIR "/docs/decisions.md");
  const std::string document{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  constexpr std::string_view kFence = "```toml\n";
  const size_t begin = document.find(kFence);
  ASSERT_NE(begin, std::string::npos);
  const std::string example = document.substr(begin + kFence.size(), document.find("```\n", begin + 1) - begin - 8);
  EXPECT_EQ(document.find(kFence, begin + 1), std::string::npos) << "it has another one, which nobody looked at";
  const auto policy = DecisionPolicy::read(example, "decisions.md");
  EXPECT_TRUE(policy.has_value()) << policy.error().text;
  EXPECT_EQ(without_comments(example), without_comments(standard_decision_policy()));
}

TEST(DecisionPolicy, names_what_is_wrong_and_where) {
  const std::pair<std::string, std::string> cases[] = {
      {"nonsense", "p.toml"},
      {with("[explained]\ndecision = \"permit\"\n", ""), "p.toml: the section [explained] is missing"},
      {with("[shielded]", "[shielding]"), "the section is not known"},
      {with("decision = \"permit\"", "decision = \"allow\""), "p.toml:4:12: decision is \"permit\" or \"deny\""},
      {with("decision = \"permit\"", "review = true"), "explained lacks decision"},
      {with("decision = \"permit\"", "decision = \"permit\"\nmasks = [\"a\"]"), "p.toml:5:9: the key is not known"},
      {with("decision = \"permit\"", "decision = \"permit\"\nreview = 1"), "review is true or false"},
      {with("decision = \"permit\"", "decision = \"permit\"\nmask = \"a\""), "mask is a list"},
      {with("decision = \"permit\"", "decision = \"permit\"\nnotify = [1]"), "notify holds texts"},
      {with("decision = \"permit\"", "decision = \"permit\"\nbreak_glass = true"), "explained permits"},
      {with("[not_authorised]\ndecision = \"deny\"", "[not_authorised]\ndecision = \"deny\"\nmask = [\"a\"]"),
       "not_authorised denies"},
      {with("[explained]\ndecision = \"permit\"", "[explained]\ndecision = \"permit\"\n[explained.rules.x]"),
       "the key is not known"},
      {with("[flagged.rules.self]\ndecision = \"deny\"", "[flagged.rules.self]\n"), "the rule lacks decision"},
      {with("[explained]\ndecision = \"permit\"", "explained = 1"), "explained is a section"},
  };
  for (const auto& [text, error] : cases) {
    const auto policy = DecisionPolicy::read(text, "p.toml");
    ASSERT_FALSE(policy.has_value()) << error;
    EXPECT_EQ(policy.error().code, Code::kInvalid);
    EXPECT_NE(policy.error().text.find(error), std::string::npos) << policy.error().text << "\nwanted: " << error;
  }
}

}  // namespace
}  // namespace weerbaar::decide

#include "examine/purpose/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "examine/purpose/testing.h"

namespace weerbaar::purpose {
namespace {

using ::testing::HasSubstr;

Policy standard() {
  return {.number = 3,
          .name = "Toetsing",
          .adopted_on = "2026-03-01",
          .adopted_by = "raad",
          .rules = standard_policy_rules()};
}

TEST(Policy, comes_with_every_rule_of_the_sources) {
  std::vector<std::string> folders;
  for (const auto& folder : testing::rule_folders()) folders.push_back(folder.filename().string());
  std::vector<std::string> embedded;
  for (const EmbeddedRule& rule : embedded_rules()) {
    embedded.emplace_back(rule.id);
    EXPECT_EQ(rule.rule,
              testing::read_all(std::filesystem::path(WEERBAAR_SOURCE_DIR) / "rules" / rule.id / "rule.toml"));
  }
  EXPECT_EQ(embedded, folders);
  const auto rules = check_rules(standard());
  ASSERT_TRUE(rules.has_value()) << rules.error().text;
  EXPECT_EQ(rules->size(), folders.size());
}

TEST(Policy, is_read_back_as_it_was_written) {
  const std::string json = to_json(standard());
  const auto read = read_policy(json, "3.json");
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(read->number, 3U);
  EXPECT_EQ(read->name, "Toetsing");
  EXPECT_EQ(read->adopted_on, "2026-03-01");
  EXPECT_EQ(read->adopted_by, "raad");
  ASSERT_EQ(read->rules.size(), standard().rules.size());
  EXPECT_EQ(read->rules[2].cases, standard().rules[2].cases);
  EXPECT_EQ(to_json(*read), json);
}

TEST(Policy, of_the_first_version_stays_readable) {
  const std::string json =
      testing::read_all(std::filesystem::path(WEERBAAR_SOURCE_DIR) / "tests/fixtures/formats/policy/v1.json");
  const auto read = read_policy(json, "v1.json");
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(to_json(*read), json);
  EXPECT_TRUE(check_rules(*read).has_value());
}

TEST(Policy, that_is_not_one_is_refused_with_its_file) {
  for (
      const char* text :
      {"", "[]", "{}", R"({"format":"weerbaar control policy 2"})",
       R"({"format":"weerbaar control policy 1","name":"a","adopted_on":"","adopted_by":""})",
       R"({"format":"weerbaar control policy 1","name":"a","adopted_on":"","adopted_by":"","number":1,"rules":[7]})"}) {
    const auto read = read_policy(text, "1.json");
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_THAT(read.error().text, ::testing::StartsWith("1.json: ")) << text;
  }
}

TEST(Policy, with_a_rule_that_cannot_be_is_refused_by_name) {
  const std::pair<std::function<void(Policy&)>, std::string> cases[] = {
      {[](Policy& policy) { policy.name.clear(); }, "the name of a policy"},
      {[](Policy& policy) { policy.adopted_on = "2026-02-30"; }, "adopted on a date"},
      {[](Policy& policy) { policy.rules.clear(); }, "without rules"},
      {[](Policy& policy) { policy.rules[0].id = "../x"; }, "rule \"../x\": its id is the name of its folder"},
      {[](Policy& policy) { policy.rules[0].id = "a\x1b[2Jb"; }, "rule \"a?[2Jb\": its id"},
      {[](Policy& policy) { policy.rules[0].rule = "conclusion = 1"; }, "audit-duty/rule.toml:1:14"},
      {[](Policy& policy) { policy.rules[0].explanation_nl.clear(); }, "rule audit-duty: explanation.nl.md"},
      {[](Policy& policy) { policy.rules[0].cases.clear(); }, "audit-duty/cases.toml: there is no case"},
      {[](Policy& policy) { policy.rules[0].cases = policy.rules[4].cases; }, "audit-duty/cases.toml:1:1: in the case"},
      {[](Policy& policy) { policy.rules.erase(policy.rules.begin() + 9); },
       "shielded-without-duty/rule.toml:2:11: unless names the rule \"handles-case\""},
  };
  for (const auto& [change, why] : cases) {
    Policy policy = standard();
    change(policy);
    const auto rules = check_rules(policy);
    ASSERT_FALSE(rules.has_value()) << why;
    EXPECT_THAT(rules.error().text, HasSubstr(why));
  }
}

}  // namespace
}  // namespace weerbaar::purpose

#include "examine/purpose/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "base/utf8.h"
#include "examine/purpose/rule_cases.h"

namespace weerbaar::purpose {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "weerbaar control policy 1";
constexpr size_t kNameBytesMax = 200;
constexpr size_t kRuleIdBytesMax = 64;
constexpr size_t kDateBytes = 10;

std::unexpected<Error> wrong(std::string_view file, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{}: {}", file, what));
}

bool is_rule_id(std::string_view id) {
  return !id.empty() && id.size() <= kRuleIdBytesMax &&
         std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// An id that cannot be, without what a terminal would take for more than text.
std::string shown(std::string_view id) {
  std::string text(id.substr(0, kRuleIdBytesMax));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

// A member that must be a text, or nothing.
const std::string* text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || !found->is_string() ? nullptr : &found->get_ref<const std::string&>();
}

Result<PolicyRule> read_policy_rule(const Json& json, std::string_view file) {
  PolicyRule rule;
  const std::pair<const char*, std::string PolicyRule::*> members[] = {{"id", &PolicyRule::id},
                                                                       {"rule", &PolicyRule::rule},
                                                                       {"nl", &PolicyRule::explanation_nl},
                                                                       {"en", &PolicyRule::explanation_en},
                                                                       {"cases", &PolicyRule::cases}};
  for (const auto& [name, member] : members) {
    const std::string* const text = json.is_object() ? text_in(json, name) : nullptr;
    if (text == nullptr) return wrong(file, fmt::format("a rule has no text \"{}\"", name));
    rule.*member = *text;
  }
  return rule;
}

}  // namespace

std::vector<PolicyRule> standard_policy_rules() {
  std::vector<PolicyRule> rules;
  for (const EmbeddedRule& rule : embedded_rules()) {
    rules.push_back({std::string(rule.id), std::string(rule.rule), std::string(rule.explanation_nl),
                     std::string(rule.explanation_en), std::string(rule.cases)});
  }
  return rules;
}

std::string to_json(const Policy& policy) {
  Json rules = Json::array();
  for (const PolicyRule& rule : policy.rules) {
    rules.push_back({{"id", rule.id},
                     {"rule", rule.rule},
                     {"nl", rule.explanation_nl},
                     {"en", rule.explanation_en},
                     {"cases", rule.cases}});
  }
  Json json = {{"format", kFormat},
               {"number", policy.number},
               {"name", policy.name},
               {"adopted_on", policy.adopted_on},
               {"adopted_by", policy.adopted_by},
               {"rules", std::move(rules)}};
  if (!policy.signals.empty()) json["signals"] = policy.signals;
  return json.dump(1) + "\n";
}

Result<Policy> read_policy(std::string_view text, std::string_view file) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong(file, "it is no JSON object");
  const std::string* const format = text_in(json, "format");
  if (format == nullptr || *format != kFormat) return wrong(file, fmt::format("its format is not \"{}\"", kFormat));
  Policy policy;
  const std::pair<const char*, std::string Policy::*> members[] = {
      {"name", &Policy::name}, {"adopted_on", &Policy::adopted_on}, {"adopted_by", &Policy::adopted_by}};
  for (const auto& [name, member] : members) {
    const std::string* const value = text_in(json, name);
    if (value == nullptr) return wrong(file, fmt::format("it has no text \"{}\"", name));
    policy.*member = *value;
  }
  const auto number = json.find("number");
  const auto rules = json.find("rules");
  if (number == json.end() || !number->is_number_unsigned()) return wrong(file, "it has no number");
  if (rules == json.end() || !rules->is_array()) return wrong(file, "it has no list of rules");
  policy.number = number->get<uint64_t>();
  if (json.contains("signals")) {
    const std::string* const signals = text_in(json, "signals");
    if (signals == nullptr) return wrong(file, "its \"signals\" are no text");
    policy.signals = *signals;
  }
  for (const Json& rule : *rules) {
    WEERBAAR_ASSIGN(PolicyRule read, read_policy_rule(rule, file));
    policy.rules.push_back(std::move(read));
  }
  return policy;
}

Result<std::vector<Rule>> read_rules(const Policy& policy) {
  std::vector<Rule> rules;
  for (const PolicyRule& one : policy.rules) {
    if (!is_rule_id(one.id)) {
      return fail(Code::kInvalid,
                  fmt::format("rule \"{}\": its id is the name of its folder, of 1 to {} small letters, "
                              "digits and dashes: name the folder so",
                              shown(one.id), kRuleIdBytesMax));
    }
    WEERBAAR_ASSIGN(Rule rule, read_rule(one.id, one.rule, one.id + "/rule.toml"));
    rules.push_back(std::move(rule));
  }
  WEERBAAR_TRY(put_in_order(rules));
  return rules;
}

Result<std::vector<Rule>> check_rules(const Policy& policy) {
  if (policy.name.empty() || policy.name.size() > kNameBytesMax || !is_utf8(policy.name)) {
    return fail(Code::kInvalid, fmt::format("the name of a policy is a text of 1 to {} bytes", kNameBytesMax));
  }
  if (policy.adopted_on.size() != kDateBytes || !parse_time_or_date(policy.adopted_on)) {
    return fail(Code::kInvalid, "a policy is adopted on a date, such as 2026-03-01");
  }
  if (policy.rules.empty()) return fail(Code::kInvalid, "a policy without rules explains nothing: add rules");
  WEERBAAR_ASSIGN(std::vector<Rule> rules, read_rules(policy));
  for (const PolicyRule& one : policy.rules) {
    for (const auto& [text, language] : {std::pair(&one.explanation_nl, "nl"), std::pair(&one.explanation_en, "en")}) {
      if (!text->empty()) continue;
      return fail(Code::kInvalid,
                  fmt::format("rule {}: explanation.{}.md is empty or missing: say in it when the rule fires", one.id,
                              language));
    }
    WEERBAAR_ASSIGN(const std::vector<RuleCase> cases, read_cases(one.cases, one.id + "/cases.toml"));
    WEERBAAR_TRY(try_cases(rules, one.id, cases));
  }
  return rules;
}

}  // namespace weerbaar::purpose

#include "decide/decision_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "base/toml.h"

namespace weerbaar::decide {
namespace {

constexpr std::array<std::string_view, kConditions> kNames = {
    "explained",        "unexplained",    "flagged",        "shielded",    "not_authorised",
    "unknown_employee", "unknown_person", "unknown_action", "break_glass", "break_glass_without_reason"};
constexpr size_t kListMax = 64;
constexpr size_t kWordBytesMax = 128;
constexpr std::string_view kRules = "rules";

constexpr std::string_view kStandard = R"(# What follows from what is known of an access. docs/decisions.md.

[explained]
decision = "permit"

[unexplained]
decision = "permit"
ask_reason = true

[flagged]
decision = "deny"
break_glass = true

[flagged.rules.self]
decision = "deny"

[flagged.rules.declared-relation]
decision = "deny"

[flagged.rules.data-beyond-activity]
decision = "permit"
mask_beyond_activity = true

[shielded]
decision = "deny"
break_glass = true
notify = ["data-protection-officer"]

[not_authorised]
decision = "deny"

[unknown_employee]
decision = "deny"

[unknown_person]
decision = "deny"
break_glass = true

[unknown_action]
decision = "deny"

[break_glass]
decision = "permit"
review = true
notify = ["supervisor"]

[break_glass_without_reason]
decision = "deny"
ask_reason = true
)";

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  std::unexpected<Error> wrong(const toml::node& node, std::string_view what) const {
    const toml::source_position at = node.source().begin;
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: {}", file_, at.line, at.column, what));
  }

  Result<const toml::table*> table(const toml::node& node, std::string_view name) const {
    if (const toml::table* const found = node.as_table()) return found;
    return wrong(node, fmt::format("{} is a section", name));
  }

  // `also`: a key beside those of a consequence.
  Result<Consequence> consequence(const toml::table& table, std::string_view name, std::string_view also) const {
    Consequence made;
    std::optional<bool> permit;
    for (const auto& [key, value] : table) {
      if (key.str() == also) continue;
      if (key.str() == "decision") {
        WEERBAAR_ASSIGN(permit, permits(value));
      } else if (bool* const truth = truth_of(key.str(), made); truth != nullptr) {
        if (!value.is_boolean()) return wrong(value, fmt::format("{} is true or false", key.str()));
        *truth = value.as_boolean()->get();
      } else if (key.str() == "mask" || key.str() == "notify") {
        WEERBAAR_ASSIGN((key.str() == "mask" ? made.mask : made.notify), words(value, key.str()));
      } else {
        return wrong(value,
                     "the key is not known: decision, break_glass, ask_reason, review, mask, "
                     "mask_beyond_activity and notify are");
      }
    }
    if (!permit) return wrong(table, fmt::format("{} lacks decision = \"permit\" or \"deny\"", name));
    made.permit = *permit;
    if (!made.permit && (made.mask_beyond_activity || !made.mask.empty())) {
      return wrong(table, fmt::format("{} denies, so that nothing is left to mask", name));
    }
    if (made.permit && made.opens_by_break_glass) {
      return wrong(table, fmt::format("{} permits, so that no glass is to be broken", name));
    }
    return made;
  }

 private:
  Result<bool> permits(const toml::node& value) const {
    const auto word = value.value<std::string_view>();
    if (word == "permit") return true;
    if (word == "deny") return false;
    return wrong(value, "decision is \"permit\" or \"deny\"");
  }
  static bool* truth_of(std::string_view key, Consequence& of) {
    if (key == "break_glass") return &of.opens_by_break_glass;
    if (key == "ask_reason") return &of.ask_reason;
    if (key == "review") return &of.review;
    if (key == "mask_beyond_activity") return &of.mask_beyond_activity;
    return nullptr;
  }
  Result<std::vector<std::string>> words(const toml::node& value, std::string_view key) const {
    const toml::array* const array = value.as_array();
    if (array == nullptr || array->empty() || array->size() > kListMax) {
      return wrong(value, fmt::format("{} is a list of 1 to {} texts", key, kListMax));
    }
    std::vector<std::string> all;
    for (const toml::node& item : *array) {
      const auto word = item.value<std::string>();
      if (!word || word->empty() || word->size() > kWordBytesMax ||
          std::ranges::any_of(*word, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; })) {
        return wrong(item, fmt::format("{} holds texts of 1 to {} bytes", key, kWordBytesMax));
      }
      all.push_back(*word);
    }
    return all;
  }

  const std::string_view file_;
};

}  // namespace

std::string_view to_string(Condition condition) {
  return kNames[static_cast<size_t>(condition)];
}

std::string_view standard_decision_policy() {
  return kStandard;
}

Result<DecisionPolicy> DecisionPolicy::read(std::string_view toml, std::string_view file) {
  WEERBAAR_ASSIGN(const toml::table all, parse_toml(toml, file));
  const Reader reader(file);
  for (const auto& [key, value] : all) {
    if (std::ranges::find(kNames, key.str()) == kNames.end()) {
      return reader.wrong(value, "the section is not known: docs/decisions.md lists them");
    }
  }
  DecisionPolicy policy;
  for (size_t i = 0; i < kConditions; ++i) {
    const toml::node* const node = all.get(kNames[i]);
    if (node == nullptr) {
      return fail(Code::kInvalid, fmt::format("{}: the section [{}] is missing: say what follows", file, kNames[i]));
    }
    WEERBAAR_ASSIGN(const toml::table* const table, reader.table(*node, kNames[i]));
    const bool is_flagged = i == static_cast<size_t>(Condition::kFlagged);
    WEERBAAR_ASSIGN(policy.by_condition_[i], reader.consequence(*table, kNames[i], is_flagged ? kRules : ""));
    const toml::node* const rules = is_flagged ? table->get(kRules) : nullptr;
    if (rules == nullptr) continue;
    WEERBAAR_ASSIGN(const toml::table* const by_rule, reader.table(*rules, "flagged.rules"));
    for (const auto& [id, value] : *by_rule) {
      WEERBAAR_ASSIGN(const toml::table* const of_rule, reader.table(value, "flagged.rules.RULE"));
      WEERBAAR_ASSIGN(policy.by_rule_[std::string(id.str())], reader.consequence(*of_rule, "the rule", ""));
    }
  }
  return policy;
}

const Consequence& DecisionPolicy::of_flag(std::string_view rule) const {
  const auto found = by_rule_.find(rule);
  return found == by_rule_.end() ? of(Condition::kFlagged) : found->second;
}

std::vector<std::string> DecisionPolicy::rules() const {
  std::vector<std::string> all;
  all.reserve(by_rule_.size());
  for (const auto& [rule, consequence] : by_rule_) all.push_back(rule);
  return all;
}

}  // namespace weerbaar::decide

// A control policy: the rules by which an organisation judges accesses, adopted under a name on a date. Once adopted it
// does not change; another one takes its place. Byte for byte: docs/formats/policy.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose {

// A rule that comes with the program: the files of rules/<id>/.
struct EmbeddedRule {
  std::string_view id;
  std::string_view rule;
  std::string_view explanation_nl;
  std::string_view explanation_en;
  std::string_view cases;
};
// By id.
std::span<const EmbeddedRule> embedded_rules();

struct PolicyRule {
  std::string id;
  std::string rule;  // TOML
  std::string explanation_nl;
  std::string explanation_en;
  std::string cases;  // TOML
};

struct Policy {
  uint64_t number = 0;  // of those that this organisation adopted, from 1
  std::string name;
  std::string adopted_on;  // a date, 2026-03-01
  std::string adopted_by;
  std::vector<PolicyRule> rules;  // by id
  // How signals are ranked, TOML (examine/detect/signal_policy.h); empty in policies that were adopted before there
  // were signals.
  std::string signals{};
};

// The rules that come with the program.
std::vector<PolicyRule> standard_policy_rules();

// The JSON form; the same policy gives the same bytes, whose SHA-256 names it.
std::string to_json(const Policy& policy);
// kInvalid with `file` when it is not that form.
Result<Policy> read_policy(std::string_view json, std::string_view file);

// Its rules, in order, without a look at their cases: for a policy that was adopted.
Result<std::vector<Rule>> read_rules(const Policy& policy);
// The same. kInvalid names the rule that is wrong, that has no explanation in Dutch and English, or that
// comes out otherwise in one of its cases.
Result<std::vector<Rule>> check_rules(const Policy& policy);

}  // namespace weerbaar::purpose

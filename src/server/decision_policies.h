// The decision policies that an organisation adopted: DIR/decision-policies/<number>.json. docs/formats/decision.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decide/decision_policy.h"
#include "examine/purpose/rule.h"
#include "server/adopted_files.h"

namespace weerbaar::server {

struct AdoptedDecisionPolicy {
  uint64_t number = 0;  // 0: that of the program
  std::string name;
  std::string adopted_on;  // a date
  std::string adopted_by;
  std::string text;    // TOML
  std::string digest;  // SHA-256 of its file; of that of the program: of its text
  decide::DecisionPolicy policy;
};

// All adoptions, in order. kCorrupt of a record that is none.
Result<std::vector<Adoption>> decision_adoptions(const trail::Trail& trail);
// The policy that counts at a moment: that of the program before the first. Errors of read_adopted_file().
Result<AdoptedDecisionPolicy> decision_policy_at(const DataDirectory& data, const std::vector<Adoption>& adoptions,
                                                 Time when);
// kInvalid names a rule of which the policy says something and that the rules lack, or that flags nothing.
Status check_decision_policy(const decide::DecisionPolicy& policy, std::span<const purpose::Rule> rules,
                             std::string_view file);
// Adopts it, under the number behind the last. `file`: of the text, for errors.
Result<AdoptedDecisionPolicy> adopt_decision_policy(const DataDirectory& data, trail::Trail& trail,
                                                    AdoptedDecisionPolicy policy, std::string_view file);

}  // namespace weerbaar::server

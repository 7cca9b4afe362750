#include "server/policies.h"

#include <nlohmann/json.hpp>

#include "examine/detect/signal_policy.h"

namespace weerbaar::server {
namespace {

constexpr Adoptable kControlPolicy = {"policy", "policies", "control policy"};

}  // namespace

Result<std::vector<Adoption>> adoptions(const trail::Trail& trail) {
  return adoptions(trail, kControlPolicy);
}

Result<AdoptedPolicy> read_adopted(const DataDirectory& data, const std::vector<Adoption>& adoptions, uint64_t number) {
  WEERBAAR_ASSIGN(const AdoptedFile file, read_adopted_file(data, kControlPolicy, adoptions, number));
  AdoptedPolicy adopted;
  adopted.digest = file.digest;
  WEERBAAR_ASSIGN(adopted.policy, purpose::read_policy(file.json, file.path));
  return adopted;
}

Result<AdoptedPolicy> adopt(const DataDirectory& data, trail::Trail& trail, purpose::Policy policy) {
  WEERBAAR_ASSIGN(const std::vector<Adoption> before, adoptions(trail));
  policy.number = next_number(before);
  WEERBAAR_TRY(purpose::check_rules(policy));
  if (!policy.signals.empty()) WEERBAAR_TRY(detect::read_signal_policy(policy.signals, "the signal policy"));
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const purpose::PolicyRule& rule : policy.rules) rules.push_back(rule.id);
  const nlohmann::ordered_json record = {{"policy", policy.number},
                                         {"name", policy.name},
                                         {"adopted_on", policy.adopted_on},
                                         {"sha256", ""},
                                         {"rules", std::move(rules)}};
  AdoptedPolicy adopted;
  WEERBAAR_ASSIGN(adopted.digest,
                  write_adopted_file(data, trail, kControlPolicy, policy.number, purpose::to_json(policy), record));
  adopted.policy = std::move(policy);
  return adopted;
}

}  // namespace weerbaar::server

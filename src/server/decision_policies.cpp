#include "server/decision_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/utf8.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr Adoptable kDecisionPolicy = {"decision-policy", "decision-policies", "decision policy"};
constexpr std::string_view kFormat = "weerbaar decision policy 1";
constexpr size_t kPolicyNameBytesMax = 200;

std::string to_json(const AdoptedDecisionPolicy& policy) {
  const Json json = {{"format", kFormat},
                     {"number", policy.number},
                     {"name", policy.name},
                     {"adopted_on", policy.adopted_on},
                     {"adopted_by", policy.adopted_by},
                     {"policy", policy.text}};
  return json.dump(1) + "\n";
}

Result<AdoptedDecisionPolicy> read(const AdoptedFile& file) {
  const auto json = Json::parse(file.json, nullptr, false);
  const auto is_text = [&](const char* name) { return json.contains(name) && json[name].is_string(); };
  const bool is_whole = json.is_object() && is_text("format") && json["format"] == kFormat && json.contains("number") &&
                        json["number"].is_number_unsigned() && is_text("name") && is_text("adopted_on") &&
                        is_text("adopted_by") && is_text("policy");
  if (!is_whole) return fail(Code::kInvalid, fmt::format("{} is no decision policy of this format", file.path));
  AdoptedDecisionPolicy adopted;
  adopted.number = json["number"].get<uint64_t>();
  adopted.name = json["name"].get<std::string>();
  adopted.adopted_on = json["adopted_on"].get<std::string>();
  adopted.adopted_by = json["adopted_by"].get<std::string>();
  adopted.text = json["policy"].get<std::string>();
  adopted.digest = file.digest;
  WEERBAAR_ASSIGN(adopted.policy, decide::DecisionPolicy::read(adopted.text, file.path));
  return adopted;
}

}  // namespace

Result<std::vector<Adoption>> decision_adoptions(const trail::Trail& trail) {
  return adoptions(trail, kDecisionPolicy);
}

Result<AdoptedDecisionPolicy> decision_policy_at(const DataDirectory& data, const std::vector<Adoption>& adoptions,
                                                 Time when) {
  if (const auto number = in_force(adoptions, when)) {
    WEERBAAR_ASSIGN(const AdoptedFile file, read_adopted_file(data, kDecisionPolicy, adoptions, *number));
    return read(file);
  }
  AdoptedDecisionPolicy standard;
  standard.text = decide::standard_decision_policy();
  standard.digest = to_hex(trail::sha256(as_bytes(standard.text)));
  WEERBAAR_ASSIGN(standard.policy, decide::DecisionPolicy::read(standard.text, "the decision policy of the program"));
  return standard;
}

Status check_decision_policy(const decide::DecisionPolicy& policy, std::span<const purpose::Rule> rules,
                             std::string_view file) {
  for (const std::string& id : policy.rules()) {
    const auto rule = std::ranges::find(rules, id, &purpose::Rule::id);
    if (rule != rules.end() && rule->conclusion == purpose::Conclusion::kFlagged) continue;
    return fail(Code::kInvalid, fmt::format("{}: flagged.rules.{}: the control policy in force has no rule of that "
                                            "name that flags",
                                            file, id));
  }
  return {};
}

Result<AdoptedDecisionPolicy> adopt_decision_policy(const DataDirectory& data, trail::Trail& trail,
                                                    AdoptedDecisionPolicy policy, std::string_view file) {
  if (policy.name.empty() || policy.name.size() > kPolicyNameBytesMax || !is_utf8(policy.name)) {
    return fail(Code::kInvalid,
                fmt::format("--name: a decision policy has a name of 1 to {} bytes of UTF-8", kPolicyNameBytesMax));
  }
  if (policy.adopted_on.size() != 10 || !parse_time_or_date(policy.adopted_on)) {
    return fail(Code::kInvalid, "--on: a decision policy is adopted on a date, as 2026-03-01");
  }
  WEERBAAR_ASSIGN(policy.policy, decide::DecisionPolicy::read(policy.text, file));
  WEERBAAR_ASSIGN(const std::vector<Adoption> before, decision_adoptions(trail));
  policy.number = next_number(before);
  const Json record = {
      {"policy", policy.number}, {"name", policy.name}, {"adopted_on", policy.adopted_on}, {"sha256", ""}};
  WEERBAAR_ASSIGN(policy.digest,
                  write_adopted_file(data, trail, kDecisionPolicy, policy.number, to_json(policy), record));
  return policy;
}

}  // namespace weerbaar::server

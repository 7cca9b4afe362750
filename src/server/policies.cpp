#include "server/policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "base/bytes.h"
#include "examine/detect/signal_policy.h"
#include "trail/format/sha256.h"
#include "trail/store/records.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kPolicyBytesMax = uint64_t{16} << 20U;
constexpr std::string_view kPolicyRecord = "policy";
constexpr const char* kNewEnding = ".new";

std::string policies_path(const DataDirectory& data) {
  return os::join(data.path(), "policies");
}
std::string policy_path(const DataDirectory& data, uint64_t number) {
  return os::join(policies_path(data), fmt::format("{}.json", number));
}

std::string digest_of(std::string_view json) {
  return to_hex(trail::sha256(as_bytes(json)));
}

}  // namespace

Result<std::vector<Adoption>> adoptions(const trail::Trail& trail) {
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(trail, kPolicyRecord));
  std::vector<Adoption> all;
  for (const EntryIndex index : records) {
    WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, index));
    const auto json = nlohmann::json::parse(body, nullptr, false);
    const bool is_whole = json.is_object() && json.contains("policy") && json["policy"].is_number_unsigned() &&
                          json.contains("sha256") && json["sha256"].is_string() && json.contains("adopted_on") &&
                          json["adopted_on"].is_string();
    if (!is_whole) {
      return fail(Code::kCorrupt,
                  fmt::format("entry {} is a record of a policy and says none: run `weerbaar verify`", index.value()));
    }
    all.push_back(
        {json["policy"].get<uint64_t>(), json["sha256"].get<std::string>(), json["adopted_on"].get<std::string>()});
  }
  return all;
}

std::optional<uint64_t> in_force(const std::vector<Adoption>& adoptions, Time when) {
  // A date is the first ten bytes of a moment, and sorts as it.
  const std::string today = format_time(when).substr(0, 10);
  for (const Adoption& adoption : adoptions | std::views::reverse) {
    if (adoption.adopted_on <= today) return adoption.number;
  }
  return std::nullopt;
}

Result<AdoptedPolicy> read_adopted(const DataDirectory& data, const std::vector<Adoption>& adoptions, uint64_t number) {
  const auto adoption = std::ranges::find(adoptions, number, &Adoption::number);
  if (adoption == adoptions.end()) return fail(Code::kNotFound, fmt::format("there is no control policy {}", number));
  const std::string path = policy_path(data, number);
  // Under its first name when a crash came before it got the other.
  for (const std::string& name : {path, path + kNewEnding}) {
    const auto file = os::read_file(data.files(), name, kPolicyBytesMax);
    if (!file && file.error().code == Code::kNotFound) continue;
    if (!file) return std::unexpected(file.error());
    AdoptedPolicy adopted;
    adopted.digest = digest_of(as_text(*file));
    if (adopted.digest != adoption->digest) {
      return fail(Code::kCorrupt,
                  fmt::format("{} is not the policy that was adopted: the trail records another SHA-256. "
                              "Put a copy of it back",
                              name));
    }
    WEERBAAR_ASSIGN(adopted.policy, purpose::read_policy(as_text(*file), name));
    return adopted;
  }
  return fail(Code::kCorrupt, fmt::format("{} is missing, and the trail records it: put a copy of it back", path));
}

Result<AdoptedPolicy> adopt(const DataDirectory& data, trail::Trail& trail, purpose::Policy policy) {
  WEERBAAR_ASSIGN(const std::vector<Adoption> before, adoptions(trail));
  policy.number = before.empty() ? 1 : before.back().number + 1;
  WEERBAAR_TRY(purpose::check_rules(policy));
  if (!policy.signals.empty()) WEERBAAR_TRY(detect::read_signal_policy(policy.signals, "the signal policy"));
  const std::string json = purpose::to_json(policy);
  AdoptedPolicy adopted{std::move(policy), digest_of(json)};
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const purpose::PolicyRule& rule : adopted.policy.rules) rules.push_back(rule.id);
  const nlohmann::ordered_json body = {{"policy", adopted.policy.number},
                                       {"name", adopted.policy.name},
                                       {"adopted_on", adopted.policy.adopted_on},
                                       {"sha256", adopted.digest},
                                       {"rules", std::move(rules)}};
  os::FileSystem& files = data.files();
  if (const Status made = files.make_directory(policies_path(data)); !made && made.error().code != Code::kExists) {
    return std::unexpected(made.error());
  }
  const std::string path = policy_path(data, adopted.policy.number);
  WEERBAAR_TRY(os::write_file_atomically(files, path + kNewEnding, as_bytes(json)));
  WEERBAAR_TRY(trail.append_record(kPolicyRecord, body.dump()));
  WEERBAAR_TRY(files.rename(path + kNewEnding, path));
  WEERBAAR_TRY(files.sync_directory(policies_path(data)));
  return adopted;
}

}  // namespace weerbaar::server

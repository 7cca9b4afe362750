#include "server/policies.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/bytes.h"
#include "examine/detect/signal_policy.h"
#include "server/numbered_files.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kPolicyBytesMax = uint64_t{16} << 20U;
constexpr std::string_view kPolicyRecord = "policy";

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

Result<uint64_t> last_policy(const DataDirectory& data) {
  WEERBAAR_ASSIGN(const std::vector<uint64_t> numbers, numbered_files(data.files(), policies_path(data), ".json"));
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == i + 1) continue;
    return fail(Code::kCorrupt,
                fmt::format("{} is missing, and later ones are there: put it back", policy_path(data, i + 1)));
  }
  return numbers.size();
}

Result<AdoptedPolicy> read_adopted(const DataDirectory& data, uint64_t number) {
  const std::string path = policy_path(data, number);
  auto file = os::read_file(data.files(), path, kPolicyBytesMax);
  if (!file && file.error().code == Code::kNotFound) {
    return fail(Code::kNotFound, number == 0 ? std::string("no control policy was adopted yet: `weerbaar policy DIR "
                                                           "adopt --name NAME` adopts the rules of this program")
                                             : fmt::format("there is no control policy {}", number));
  }
  if (!file) return std::unexpected(file.error());
  AdoptedPolicy adopted;
  WEERBAAR_ASSIGN(adopted.policy, purpose::read_policy(as_text(*file), path));
  if (adopted.policy.number != number) {
    return fail(Code::kCorrupt, fmt::format("{} holds the policy {}", path, adopted.policy.number));
  }
  adopted.digest = digest_of(as_text(*file));
  return adopted;
}

Result<AdoptedPolicy> adopt(const DataDirectory& data, trail::Trail& trail, purpose::Policy policy) {
  WEERBAAR_ASSIGN(const uint64_t last, last_policy(data));
  policy.number = last + 1;
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
  WEERBAAR_TRY(trail.append_record(kPolicyRecord, body.dump()));
  if (const Status made = data.files().make_directory(policies_path(data));
      !made && made.error().code != Code::kExists) {
    return std::unexpected(made.error());
  }
  WEERBAAR_TRY(os::write_file_atomically(data.files(), policy_path(data, adopted.policy.number), as_bytes(json)));
  return adopted;
}

}  // namespace weerbaar::server

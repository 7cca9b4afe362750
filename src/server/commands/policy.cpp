#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "examine/detect/signal_policy.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/event_output.h"
#include "server/policies.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kRuleFileBytesMax = uint64_t{1} << 20U;

// The rules of an organisation's own folder: a folder a rule, as rules/ in the sources.
Result<std::vector<purpose::PolicyRule>> read_rules(os::FileSystem& files, const std::string& folder) {
  WEERBAAR_ASSIGN(std::vector<std::string> ids, files.list(folder));
  std::ranges::sort(ids);
  std::vector<purpose::PolicyRule> rules;
  for (const std::string& id : ids) {
    purpose::PolicyRule rule;
    rule.id = id;
    const std::pair<const char*, std::string purpose::PolicyRule::*> parts[] = {
        {"rule.toml", &purpose::PolicyRule::rule},
        {"explanation.nl.md", &purpose::PolicyRule::explanation_nl},
        {"explanation.en.md", &purpose::PolicyRule::explanation_en},
        {"cases.toml", &purpose::PolicyRule::cases}};
    for (const auto& [name, member] : parts) {
      const std::string path = os::join(os::join(folder, id), name);
      const auto text = os::read_file(files, path, kRuleFileBytesMax);
      if (!text) return fail_in(path, text.error());
      rule.*member = as_text(*text);
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

// "2026-03-02", of today.
std::string today() {
  return format_time(os::now()).substr(0, 10);
}

}  // namespace

Result<int> run_policy_adopt(const PolicyAdoptOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  purpose::Policy policy;
  policy.name = options.name;
  policy.adopted_on = options.on.empty() ? today() : options.on;
  policy.adopted_by = os::user_name();
  policy.rules = purpose::standard_policy_rules();
  if (!options.rules.empty()) {
    WEERBAAR_ASSIGN(policy.rules, read_rules(files, options.rules));
  }
  policy.signals = detect::standard_signal_policy();
  if (!options.signals.empty()) {
    const auto file = os::read_file(files, options.signals, kRuleFileBytesMax);
    if (!file) return fail_in(options.signals, file.error());
    policy.signals = as_text(*file);
    WEERBAAR_TRY(detect::read_signal_policy(policy.signals, options.signals));
  }
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const AdoptedPolicy adopted, adopt(data, *trail, std::move(policy)));
  Use use;
  use.action = Action::kCreate;
  use.component = "policy";
  use.query = fmt::format("adopt {}", adopted.policy.number);
  use.records = adopted.policy.rules.size();
  WEERBAAR_TRY(record_use(*trail, use, {}));
  if (console.json()) {
    console.result(to_line(
        {{"policy", adopted.policy.number}, {"sha256", adopted.digest}, {"rules", adopted.policy.rules.size()}}));
    return kExitYes;
  }
  console.result(fmt::format("Control policy {} \"{}\" is adopted as of {}: {} rules, SHA-256 {}",
                             adopted.policy.number, printable(adopted.policy.name), adopted.policy.adopted_on,
                             adopted.policy.rules.size(), adopted.digest));
  return kExitYes;
}

}  // namespace weerbaar::server

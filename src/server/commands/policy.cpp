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

struct RulePart {
  const char* name = nullptr;
  std::string purpose::PolicyRule::* member = nullptr;
  const char* remedy = nullptr;  // what to write in it
};
constexpr RulePart kRuleParts[] = {
    {"rule.toml", &purpose::PolicyRule::rule, "the conclusion and the steps"},
    {"explanation.nl.md", &purpose::PolicyRule::explanation_nl, "in Dutch, when the rule fires"},
    {"explanation.en.md", &purpose::PolicyRule::explanation_en, "in English, when the rule fires"},
    {"cases.toml", &purpose::PolicyRule::cases,
     "a [[case]] in which the rule must fire, and one in which it must not"}};

Result<purpose::PolicyRule> read_rule_folder(os::FileSystem& files, const std::string& folder, const std::string& id) {
  purpose::PolicyRule rule;
  rule.id = id;
  std::string missing;
  for (const RulePart& part : kRuleParts) {
    const std::string path = os::join(folder, part.name);
    const auto text = os::read_file(files, path, kRuleFileBytesMax);
    if (text) {
      rule.*part.member = as_text(*text);
    } else if (text.error().code == Code::kNotFound) {
      missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", part.name, part.remedy);
    } else {
      return fail_in(path, text.error());
    }
  }
  if (missing.empty()) return rule;
  return fail(Code::kInvalid,
              fmt::format("{} is no whole rule: write there {}; docs/purpose-check.md shows how, or move "
                          "the folder away",
                          folder, missing));
}

// The rules of an organisation's own folder: a folder a rule, as rules/ in the sources. Files beside them and hidden
// folders are no rules.
Result<std::vector<purpose::PolicyRule>> read_rules(os::FileSystem& files, const std::string& folder) {
  WEERBAAR_ASSIGN(std::vector<std::string> ids, files.list(folder));
  std::ranges::sort(ids);
  std::vector<purpose::PolicyRule> rules;
  for (const std::string& id : ids) {
    const std::string path = os::join(folder, id);
    // With the slash it is there only when it is a folder.
    if (id.starts_with('.') || !files.exists(path + "/")) continue;
    WEERBAAR_ASSIGN(purpose::PolicyRule rule, read_rule_folder(files, path, id));
    rules.push_back(std::move(rule));
  }
  if (!rules.empty()) return rules;
  if (files.exists(os::join(folder, kRuleParts[0].name))) {
    return fail(Code::kInvalid, fmt::format("{} is a rule: name the folder above it, which holds all rules", folder));
  }
  return fail(Code::kInvalid,
              fmt::format("{} holds no folder of a rule: make one for each, as docs/purpose-check.md says", folder));
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
  if (adopted.policy.adopted_on > today()) {
    console.note(
        fmt::format("Control policy {} counts from that day, {}.", adopted.policy.number, adopted.policy.adopted_on));
  }
  if (console.json()) {
    console.result(to_line(
        {{"policy", adopted.policy.number}, {"sha256", adopted.digest}, {"rules", adopted.policy.rules.size()}}));
    return kExitYes;
  }
  console.result(fmt::format("Control policy {} \"{}\" is adopted as of {}: {}, SHA-256 {}", adopted.policy.number,
                             printable(adopted.policy.name), adopted.policy.adopted_on,
                             counted(adopted.policy.rules.size(), "rule", "rules"), adopted.digest));
  return kExitYes;
}

}  // namespace weerbaar::server

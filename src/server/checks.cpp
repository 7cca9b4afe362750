#include "server/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/numbered_files.h"
#include "server/policies.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kEnding = ".findings";

std::string checks_path(const DataDirectory& data) {
  return os::join(data.path(), "checks");
}
Result<std::vector<uint64_t>> numbers_of(const DataDirectory& data) {
  return numbered_files(data.files(), checks_path(data), kEnding);
}

}  // namespace

std::string findings_path(const DataDirectory& data, uint64_t check) {
  return os::join(checks_path(data), fmt::format("{}{}", check, kEnding));
}

Result<std::unique_ptr<os::Lock>> lock_checks(const DataDirectory& data) {
  WEERBAAR_TRY(data.files().make_directory(checks_path(data), true));
  return data.files().lock(os::join(checks_path(data), "lock"));
}

Result<uint64_t> next_check(const DataDirectory& data) {
  WEERBAAR_ASSIGN(const std::vector<uint64_t> numbers, numbers_of(data));
  return numbers.empty() ? 1 : numbers.back() + 1;
}

Result<Verdicts::Check> Verdicts::open_check(const DataDirectory& data, const std::vector<Adoption>& adoptions,
                                             uint64_t number) {
  const std::string path = findings_path(data, number);
  WEERBAAR_ASSIGN(purpose::FindingsFile findings, purpose::FindingsFile::open(data.files(), path));
  const auto head = nlohmann::json::parse(findings.head(), nullptr, false);
  const auto policy = head.is_object() ? head.find("policy") : head.end();
  if (!head.is_object() || policy == head.end() || !policy->is_number_unsigned()) {
    return fail(Code::kCorrupt, fmt::format("{}: its head names no policy: remove it and check again", path));
  }
  WEERBAAR_ASSIGN(const AdoptedPolicy adopted, read_adopted(data, adoptions, policy->get<uint64_t>()));
  WEERBAAR_ASSIGN(std::vector<purpose::Rule> rules, purpose::read_rules(adopted.policy));
  const uint64_t known_at = head.value("facts_of_import", uint64_t{0});
  return Check{number, adopted.policy.number, known_at, std::move(findings), std::move(rules)};
}

Result<Verdicts> Verdicts::open(const DataDirectory& data, const trail::Trail& trail) {
  WEERBAAR_ASSIGN(const std::vector<Adoption> adopted, adoptions(trail));
  WEERBAAR_ASSIGN(std::vector<uint64_t> numbers, numbers_of(data));
  std::ranges::reverse(numbers);
  numbers.resize(std::min<size_t>(numbers.size(), kChecksMax));
  Verdicts verdicts;
  for (const uint64_t number : numbers) {
    auto check = open_check(data, adopted, number);
    if (check) {
      verdicts.checks_.push_back(std::move(*check));
    } else {
      verdicts.problems_.push_back(std::move(check.error().text));
    }
  }
  return verdicts;
}

std::optional<ShownVerdict> Verdicts::of(EntryIndex index) {
  for (auto check = checks_.begin(); check != checks_.end();) {
    const auto found = check->findings.find(index.value(), check->rules);
    if (!found) {
      problems_.push_back(found.error().text);
      check = checks_.erase(check);
      continue;
    }
    if (*found) return shown(**found, *check);
    ++check;
  }
  return std::nullopt;
}

ShownVerdict Verdicts::shown(const purpose::StoredVerdict& verdict, const Check& check) {
  constexpr std::string_view kOutcomes[] = {"explained", "flagged", "unexplained"};
  ShownVerdict shown;
  shown.outcome = kOutcomes[static_cast<size_t>(verdict.outcome)];
  shown.policy = check.policy;
  shown.check = check.number;
  shown.known_at = check.known_at;
  for (const auto& one : verdict.found) {
    const std::string& id = check.rules[one.rule].id;
    if (std::ranges::find(shown.rules, id) == shown.rules.end()) shown.rules.push_back(id);
    const bool is_told = std::ranges::find(shown.on_behalf, id) != shown.on_behalf.end();
    if (one.is_on_behalf && !is_told) shown.on_behalf.push_back(id);
  }
  return shown;
}

}  // namespace weerbaar::server

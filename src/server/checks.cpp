#include "server/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "server/policies.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kEnding = ".findings";

std::string checks_path(const DataDirectory& data) {
  return os::join(data.path(), "checks");
}
std::string file_of(const DataDirectory& data, uint64_t check) {
  return os::join(checks_path(data), fmt::format("{}{}", check, kEnding));
}

// The numbers that are there, ascending.
Result<std::vector<uint64_t>> numbers_of(const DataDirectory& data) {
  auto names = data.files().list(checks_path(data));
  if (!names && names.error().code == Code::kNotFound) return std::vector<uint64_t>{};
  if (!names) return std::unexpected(names.error());
  std::vector<uint64_t> numbers;
  for (const std::string& name : *names) {
    uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, number);
    if (read.ec == std::errc() && std::string_view(read.ptr, end) == kEnding) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace

Result<uint64_t> next_check(const DataDirectory& data) {
  WEERBAAR_ASSIGN(const std::vector<uint64_t> numbers, numbers_of(data));
  return numbers.empty() ? 1 : numbers.back() + 1;
}

Result<std::string> findings_path(const DataDirectory& data, uint64_t check) {
  WEERBAAR_TRY(data.files().make_directory(checks_path(data), true));
  return file_of(data, check);
}

Result<Verdicts> Verdicts::open(const DataDirectory& data) {
  WEERBAAR_ASSIGN(std::vector<uint64_t> numbers, numbers_of(data));
  std::ranges::reverse(numbers);
  Verdicts verdicts;
  std::map<uint64_t, std::vector<purpose::Rule>> rules;
  for (const uint64_t number : numbers) {
    if (verdicts.checks_.size() == kChecksMax) break;
    const std::string path = file_of(data, number);
    WEERBAAR_ASSIGN(purpose::FindingsFile findings, purpose::FindingsFile::open(data.files(), path));
    const auto head = nlohmann::json::parse(findings.head(), nullptr, false);
    const auto policy = head.is_object() ? head.find("policy") : head.end();
    if (!head.is_object() || policy == head.end() || !policy->is_number_unsigned()) {
      return fail(Code::kCorrupt, fmt::format("{}: its head names no policy", path));
    }
    const auto named = policy->get<uint64_t>();
    if (!rules.contains(named)) {
      WEERBAAR_ASSIGN(const AdoptedPolicy adopted, read_adopted(data, named));
      WEERBAAR_ASSIGN(rules[named], purpose::read_rules(adopted.policy));
    }
    verdicts.checks_.push_back({number, named, std::move(findings), rules[named]});
  }
  return verdicts;
}

Result<std::optional<ShownVerdict>> Verdicts::of(EntryIndex index) const {
  for (const Check& check : checks_) {
    WEERBAAR_ASSIGN(const auto found, check.findings.find(index.value(), check.rules));
    if (!found) continue;
    constexpr std::string_view kOutcomes[] = {"explained", "flagged", "unexplained"};
    ShownVerdict shown;
    shown.outcome = kOutcomes[static_cast<size_t>(found->outcome)];
    shown.policy = check.policy;
    shown.check = check.number;
    for (const auto& one : found->found) {
      const std::string& id = check.rules[one.rule].id;
      if (std::ranges::find(shown.rules, id) == shown.rules.end()) shown.rules.push_back(id);
    }
    return shown;
  }
  return std::nullopt;
}

}  // namespace weerbaar::server

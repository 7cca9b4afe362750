#include "server/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "server/policies.h"
#include "trail/store/records.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kEnding = ".findings";
constexpr size_t kMissingNamed = 5;

std::string checks_path(const DataDirectory& data) {
  return os::join(data.path(), "checks");
}

Result<purpose::FindingsFile::Periods> destroyed_periods(trail::KeyStore& keys) {
  WEERBAAR_ASSIGN(const std::vector<trail::PeriodStatus> periods, keys.periods());
  purpose::FindingsFile::Periods destroyed;
  for (const trail::PeriodStatus& status : periods) {
    if (status.state == trail::PeriodState::kDestroyed) destroyed.insert(status.period.number);
  }
  return destroyed;
}

template <class Json>
bool has_number(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_unsigned();
}

std::unexpected<Error> no_check(EntryIndex index) {
  return fail(Code::kCorrupt,
              fmt::format("entry {} is a record of a check and says none: run `weerbaar verify`", index.value()));
}

}  // namespace

std::string findings_path(const DataDirectory& data, uint64_t check) {
  return os::join(checks_path(data), fmt::format("{}{}", check, kEnding));
}

Result<std::unique_ptr<os::Lock>> lock_checks(const DataDirectory& data) {
  WEERBAAR_TRY(data.files().make_directory(checks_path(data), true));
  auto lock = data.files().lock(os::join(checks_path(data), "lock"));
  if (!lock && lock.error().code == Code::kBusy) {
    return fail(Code::kBusy,
                fmt::format("another check of {} is running (it holds {}): wait until it has ended, and do "
                            "this again",
                            data.path(), os::join(checks_path(data), "lock")));
  }
  return lock;
}

Result<uint64_t> next_check(const trail::Trail& trail) {
  WEERBAAR_ASSIGN(const auto last, recorded_checks(trail, UINT64_MAX, 1));
  return last.empty() ? 1 : last[0]["check"].get<uint64_t>() + 1;
}

Result<std::vector<nlohmann::ordered_json>> recorded_checks(const trail::Trail& trail, uint64_t before, size_t limit) {
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(trail, kCheckRecord));
  std::vector<nlohmann::ordered_json> checks;
  for (size_t i = records.size(); i > 0 && checks.size() < limit; --i) {
    WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, records[i - 1]));
    auto json = nlohmann::ordered_json::parse(body, nullptr, false);
    if (!json.is_object()) return no_check(records[i - 1]);
    // Versions before numbers were recorded numbered them all the same.
    if (!has_number(json, "check")) json["check"] = i;
    if (json["check"].get<uint64_t>() < before) checks.push_back(std::move(json));
  }
  return checks;
}

Result<nlohmann::ordered_json> recorded_check(const trail::Trail& trail, uint64_t number) {
  if (number < UINT64_MAX) {
    WEERBAAR_ASSIGN(auto checks, recorded_checks(trail, number + 1, 1));
    if (!checks.empty() && checks[0]["check"].get<uint64_t>() == number) return std::move(checks[0]);
  }
  return fail(Code::kNotFound, "there is no such check: `weerbaar check DIR` makes one");
}

Status drop_destroyed_findings(const DataDirectory& data, trail::KeyStore& keys) {
  WEERBAAR_ASSIGN(const purpose::FindingsFile::Periods destroyed, destroyed_periods(keys));
  if (destroyed.empty()) return {};
  os::FileSystem& files = data.files();
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(checks_path(data)));
  for (const std::string& name : names) {
    const bool is_left = name.ends_with(".new");
    if (!is_left && !name.ends_with(kEnding)) continue;
    const std::string path = os::join(checks_path(data), name);
    const Status dropped = is_left ? Status() : purpose::FindingsFile::drop(files, path, destroyed);
    if (!dropped && dropped.error().code != Code::kCorrupt) return dropped;
    // What cannot be read may hold anything.
    if (is_left || !dropped) WEERBAAR_TRY(files.remove(path));
  }
  return files.sync_directory(checks_path(data));
}

Result<Verdicts> Verdicts::open(const DataDirectory& data, const trail::Trail& trail) {
  Verdicts verdicts(data, trail);
  WEERBAAR_ASSIGN(verdicts.adoptions_, adoptions(trail));
  WEERBAAR_ASSIGN(verdicts.records_, trail::records_of_type(trail, kCheckRecord));
  std::ranges::reverse(verdicts.records_);
  if (trail.keys() != nullptr) {
    WEERBAAR_ASSIGN(verdicts.destroyed_, destroyed_periods(*trail.keys()));
  }
  return verdicts;
}

Result<Verdicts::Check> Verdicts::read_record(EntryIndex index) const {
  WEERBAAR_ASSIGN(const std::string body, trail::record_body(*trail_, index));
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !has_number(json, "check") || !has_number(json, "policy") || !has_number(json, "size")) {
    return no_check(index);
  }
  Check check;
  check.number = json["check"].get<uint64_t>();
  check.policy = json["policy"].get<uint64_t>();
  check.size = json["size"].get<uint64_t>();
  if (has_number(json, "facts_of_import")) check.known_at = json["facts_of_import"].get<uint64_t>();
  const auto digest = json.find("kept_sha256");
  if (digest == json.end() || !digest->is_string()) {
    return fail(Code::kCorrupt, fmt::format("check {} is of an earlier version, and nothing tells whether its findings "
                                            "are still what was found: check again",
                                            check.number));
  }
  check.digest = digest->get<std::string>();
  return check;
}

Verdicts::Check* Verdicts::check(size_t before_last) {
  if (before_last == records_.size()) return nullptr;
  if (before_last == checks_.size()) {
    auto read = read_record(records_[before_last]);
    if (!read) problems_.push_back(std::move(read.error().text));
    checks_.push_back(read ? std::move(*read) : Check{});
    checks_.back().is_usable = read.has_value();
  }
  return &checks_[before_last];
}

Result<Verdicts::Rules> Verdicts::rules_of(uint64_t policy) {
  const auto known = rules_.find(policy);
  if (known != rules_.end()) return known->second;
  WEERBAAR_ASSIGN(const AdoptedPolicy adopted, read_adopted(*data_, adoptions_, policy));
  WEERBAAR_ASSIGN(std::vector<purpose::Rule> rules, purpose::read_rules(adopted.policy));
  return rules_[policy] = std::make_shared<const std::vector<purpose::Rule>>(std::move(rules));
}

Status Verdicts::open_findings(Check& check) {
  const std::string path = findings_path(*data_, check.number);
  WEERBAAR_ASSIGN(purpose::FindingsFile findings, purpose::FindingsFile::open(data_->files(), path, destroyed_));
  if (to_hex(findings.digest()) != check.digest) {
    return fail(Code::kCorrupt,
                fmt::format("{} is not what check {} found: the trail records another SHA-256. Remove it "
                            "and check again, for it can be made anew",
                            path, check.number));
  }
  WEERBAAR_ASSIGN(check.rules, rules_of(check.policy));
  check.findings = std::move(findings);
  return {};
}

std::optional<ShownVerdict> Verdicts::of(EntryIndex index) {
  for (size_t i = 0;; ++i) {
    Check* const one = check(i);
    if (one == nullptr) return std::nullopt;
    if (!one->is_usable || index.value() >= one->size) continue;
    Status opened = one->findings ? Status() : open_findings(*one);
    if (opened) {
      auto found = one->findings->find(index.value(), *one->rules);
      if (found && *found) return shown(**found, *one);
      if (found) continue;
      opened = std::unexpected(std::move(found.error()));
    }
    one->is_usable = false;
    one->findings.reset();
    if (opened.error().code == Code::kNotFound) {
      missing_.push_back(one->number);
    } else {
      problems_.push_back(std::move(opened.error().text));
    }
  }
}

std::vector<std::string> Verdicts::problems() const {
  std::vector<std::string> all = problems_;
  if (missing_.empty()) return all;
  const std::span named = std::span(missing_).first(std::min(missing_.size(), kMissingNamed));
  const std::string more =
      missing_.size() > named.size() ? fmt::format(" and {} more", missing_.size() - named.size()) : std::string();
  all.push_back(
      fmt::format("{} lacks the findings of {}{}, which the trail records: check again with the same --size, "
                  "--policy and --known-at",
                  checks_path(*data_), fmt::join(named, ", "), more));
  return all;
}

ShownVerdict Verdicts::shown(const purpose::StoredVerdict& verdict, const Check& check) {
  constexpr std::string_view kOutcomes[] = {"explained", "flagged", "unexplained"};
  ShownVerdict shown;
  shown.outcome = kOutcomes[static_cast<size_t>(verdict.outcome)];
  shown.policy = check.policy;
  shown.check = check.number;
  shown.known_at = check.known_at;
  for (const auto& one : verdict.found) {
    const std::string& id = (*check.rules)[one.rule].id;
    if (std::ranges::find(shown.rules, id) == shown.rules.end()) shown.rules.push_back(id);
    const bool is_told = std::ranges::find(shown.on_behalf, id) != shown.on_behalf.end();
    if (one.is_on_behalf && !is_told) shown.on_behalf.push_back(id);
  }
  return shown;
}

}  // namespace weerbaar::server

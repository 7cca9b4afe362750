#include "register/delivery_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/toml.h"
#include "base/utf8.h"

namespace weerbaar::facts {
namespace {

constexpr size_t kTextBytesMax = 1'024;
constexpr size_t kGroupRulesMax = 4'096;
constexpr int64_t kAnswersMax = 1'000'000;

constexpr std::string_view kDirectoryKeys[] = {"origin",   "tables", "answers",  "may_lack_its_end",
                                               "employee", "unit",   "function", "pass_over_without_employee",
                                               "system",   "groups"};
constexpr std::string_view kCaseKeys[] = {"origin", "tables", "answers", "may_lack_its_end", "handlers", "activities"};
constexpr std::string_view kGroupKeys[] = {"name", "system", "role", "pass_over"};

constexpr std::string_view kScimTables[] = {"account", "authorisation", "employee", "position", "supervisor"};
constexpr std::string_view kLdifTables[] = {"account", "authorisation", "employee", "position", "supervisor", "unit"};
constexpr std::string_view kZgwTables[] = {"case", "case_employee", "case_subject", "case_unit"};

// omschrijvingGeneriek of ZGW: who has work on the case, not who asked for it.
constexpr std::string_view kHandlers[] = {"behandelaar", "zaakcoordinator", "beslisser", "adviseur", "klantcontacter"};

std::span<const std::string_view> tables_of(std::string_view format) {
  if (format == "zgw") return kZgwTables;
  return format == "ldif" ? std::span<const std::string_view>(kLdifTables) : kScimTables;
}

class Reader {
 public:
  Reader(std::string_view format, std::string_view file) : format_(format), file_(file) {}

  Result<DeliveryMapping> read(const toml::table& table) {
    const bool is_of_cases = format_ == "zgw";
    WEERBAAR_TRY(only(table, is_of_cases ? std::span<const std::string_view>(kCaseKeys) : kDirectoryKeys));
    WEERBAAR_TRY(text(table, "origin", mapping_.origin));
    WEERBAAR_TRY(tables(table));
    WEERBAAR_TRY(answers(table));
    WEERBAAR_TRY(truth(table, "may_lack_its_end", mapping_.may_lack_its_end));
    WEERBAAR_TRY(text(table, "employee", mapping_.employee));
    WEERBAAR_TRY(text(table, "unit", mapping_.unit));
    WEERBAAR_TRY(text(table, "function", mapping_.function));
    WEERBAAR_TRY(truth(table, "pass_over_without_employee", mapping_.pass_over_without_employee));
    WEERBAAR_TRY(text(table, "system", mapping_.system));
    WEERBAAR_TRY(groups(table));
    if (is_of_cases) WEERBAAR_TRY(handlers(table));
    WEERBAAR_TRY(activities(table));
    return std::move(mapping_);
  }

 private:
  std::unexpected<Error> refuse(const toml::node& node, std::string_view key, std::string_view remedy) const {
    const toml::source_position at = node.source().begin;
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: {}: {}", file_, at.line, at.column, key, remedy));
  }

  Status only(const toml::table& table, std::span<const std::string_view> known) const {
    for (const auto& [key, node] : table) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      const toml::source_position at = key.source().begin;
      return fail(Code::kInvalid, fmt::format("{}:{}:{}: unknown key '{}': remove it, or write one of {}", file_,
                                              at.line, at.column, key.str(), fmt::join(known, ", ")));
    }
    return {};
  }

  static bool is_fit(const toml::value<std::string>* value) {
    return value != nullptr && !value->get().empty() && value->get().size() <= kTextBytesMax &&
           value->get().find('\0') == std::string::npos && is_utf8(value->get());
  }

  // Leaves `to` alone when the key is absent.
  Status text(const toml::table& table, std::string_view key, std::string& to) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_string();
    if (!is_fit(value)) return refuse(*node, key, "write a text of 1 to 1,024 bytes");
    to = value->get();
    return {};
  }

  Status truth(const toml::table& table, std::string_view key, bool& to) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    if (!node->is_boolean()) return refuse(*node, key, "write true or false");
    to = node->as_boolean()->get();
    return {};
  }

  Status answers(const toml::table& table) {
    const toml::node* node = table.get("answers");
    if (node == nullptr) return {};
    const int64_t count = node->is_integer() ? node->as_integer()->get() : 0;
    if (count < 1 || count > kAnswersMax) return refuse(*node, "answers", "write a number of 1 to 1,000,000");
    mapping_.answers = static_cast<uint64_t>(count);
    return {};
  }

  Status tables(const toml::table& table) {
    const std::span<const std::string_view> known = tables_of(format_);
    std::vector<std::string_view> wanted(known.begin(), known.end());
    const toml::node* node = table.get("tables");
    const std::string remedy = fmt::format("write a list of some of {}", fmt::join(known, ", "));
    if (node != nullptr) {
      wanted.clear();
      if (!node->is_array() || node->as_array()->empty()) return refuse(*node, "tables", remedy);
      for (const toml::node& item : *node->as_array()) {
        const auto* value = item.as_string();
        const auto found = value == nullptr ? known.end() : std::ranges::find(known, value->get());
        if (found == known.end()) return refuse(item, "tables", remedy);
        if (std::ranges::find(wanted, *found) == wanted.end()) wanted.push_back(*found);
      }
      std::ranges::sort(wanted);
    }
    for (const std::string_view name : wanted) mapping_.tables.push_back(find_table(name));
    return {};
  }

  Status groups(const toml::table& table) {
    const toml::node* node = table.get("groups");
    if (node == nullptr) return {};
    if (!node->is_array()) return refuse(*node, "groups", "write [[groups]] sections");
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_table()) return refuse(item, "groups", "write [[groups]] sections");
      if (mapping_.groups.size() == kGroupRulesMax) return refuse(item, "groups", "list at most 4,096 rules");
      WEERBAAR_TRY(group(*item.as_table()));
    }
    return {};
  }

  Status group(const toml::table& section) {
    WEERBAAR_TRY(only(section, kGroupKeys));
    GroupRule rule;
    WEERBAAR_TRY(text(section, "name", rule.name));
    WEERBAAR_TRY(text(section, "system", rule.system));
    WEERBAAR_TRY(text(section, "role", rule.role));
    WEERBAAR_TRY(truth(section, "pass_over", rule.passes_over));
    if (rule.name.empty()) return refuse(section, "groups", "write the name, such as name = \"BVR-*\"");
    rule.is_beginning = rule.name.ends_with('*');
    if (rule.is_beginning) rule.name.pop_back();
    if (rule.passes_over != rule.system.empty()) {
      return refuse(section, "groups", "write either the system that the group gives access to, or pass_over = true");
    }
    if (rule.passes_over && !rule.role.empty()) {
      return refuse(section, "groups", "a group that is passed over has no role: remove one of the two");
    }
    const auto is_same = [&](const GroupRule& other) {
      return other.name == rule.name && other.is_beginning == rule.is_beginning;
    };
    if (std::ranges::any_of(mapping_.groups, is_same)) {
      return refuse(section, "groups", "another rule has the same name: keep one of them");
    }
    mapping_.groups.push_back(std::move(rule));
    return {};
  }

  Status handlers(const toml::table& table) {
    mapping_.handlers.assign(std::begin(kHandlers), std::end(kHandlers));
    const toml::node* node = table.get("handlers");
    if (node == nullptr) return {};
    constexpr std::string_view kRemedy = "write a list of generic descriptions of roles, such as \"behandelaar\"";
    if (!node->is_array()) return refuse(*node, "handlers", kRemedy);
    mapping_.handlers.clear();
    for (const toml::node& item : *node->as_array()) {
      const auto* value = item.as_string();
      if (!is_fit(value)) return refuse(item, "handlers", kRemedy);
      mapping_.handlers.push_back(value->get());
    }
    return {};
  }

  Status activities(const toml::table& table) {
    const toml::node* node = table.get("activities");
    if (node == nullptr) return {};
    constexpr std::string_view kRemedy = "write a section of lines \"URL of a zaaktype\" = \"activity\"";
    if (!node->is_table()) return refuse(*node, "activities", kRemedy);
    for (const auto& [key, item] : *node->as_table()) {
      const auto* value = item.as_string();
      if (!is_fit(value)) return refuse(item, "activities", kRemedy);
      mapping_.activities[std::string(key.str())] = value->get();
    }
    return {};
  }

  std::string_view format_;
  std::string_view file_;
  DeliveryMapping mapping_;
};

}  // namespace

const GroupRule* DeliveryMapping::find_rule(std::string_view group) const {
  const GroupRule* found = nullptr;
  for (const GroupRule& rule : groups) {
    if (!rule.is_beginning && rule.name == group) return &rule;
    const bool fits = rule.is_beginning && group.starts_with(rule.name);
    if (fits && (found == nullptr || rule.name.size() > found->name.size())) found = &rule;
  }
  return found;
}

bool DeliveryMapping::covers(std::string_view table) const {
  return std::ranges::any_of(tables, [&](const Table* one) { return one->name == table; });
}

Result<DeliveryMapping> parse_delivery_mapping(std::string_view format, std::string_view text, std::string_view name) {
  if (!is_utf8(text)) return fail(Code::kInvalid, fmt::format("{}: it is no text in UTF-8", name));
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, name));
  return Reader(format, name).read(table);
}

}  // namespace weerbaar::facts

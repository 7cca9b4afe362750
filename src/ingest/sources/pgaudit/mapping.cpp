#include "ingest/sources/pgaudit/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/time.h"
#include "base/toml.h"
#include "domain/access_event.h"

namespace weerbaar::ingest::pgaudit {
namespace {

constexpr std::array<std::string_view, 7> kClasses = {"READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC", "MISC_SET"};

class Reader {
 public:
  explicit Reader(const SourceOptions& options)
      : name_(options.mapping_name.empty() ? "mapping" : options.mapping_name) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  Result<Mapping> read(const toml::table& table) {
    WEERBAAR_TRY(only(table, {"source", "system", "classes", "service_users", "actor_from_application_name",
                              "application_name_prefix", "last_statement_may_go_on", "zones", "persons"}));
    WEERBAAR_TRY(text(table, "source", kNameBytesMax, mapping_.source));
    WEERBAAR_TRY(text(table, "system", kNameBytesMax, mapping_.system));
    WEERBAAR_TRY(text(table, "application_name_prefix", kNameBytesMax, mapping_.application_name_prefix));
    WEERBAAR_TRY(truth(table, "actor_from_application_name", mapping_.actor_from_application_name));
    WEERBAAR_TRY(truth(table, "last_statement_may_go_on", mapping_.last_statement_may_go_on));
    WEERBAAR_TRY(texts(table, "classes", mapping_.classes, kClasses));
    WEERBAAR_TRY(texts(table, "service_users", mapping_.service_users, {}));
    WEERBAAR_TRY(zones(table));
    WEERBAAR_TRY(persons(table));
    return std::move(mapping_);
  }

  std::unexpected<Error> refuse(const toml::source_region& where, std::string_view what,
                                std::string_view remedy) const {
    return fail(Code::kInvalid,
                fmt::format("{}:{}:{}: {}: {}", name_, where.begin.line, where.begin.column, what, remedy));
  }

 private:
  std::unexpected<Error> refuse(const toml::node& node, std::string_view key, std::string_view remedy) const {
    return refuse(node.source(), key, remedy);
  }

  Status only(const toml::table& table, std::initializer_list<std::string_view> known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      return refuse(key.source(), fmt::format("unknown key '{}'", key.str()),
                    fmt::format("remove it, or write one of {}", fmt::join(known, ", ")));
    }
    return {};
  }

  // Leaves `to` alone when the key is absent.
  Status text(const toml::table& table, std::string_view key, size_t bytes_max, std::string& to) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_string();
    if (value == nullptr || value->get().empty() || value->get().size() > bytes_max) {
      return refuse(*node, key, fmt::format("write a text of 1 to {} bytes", bytes_max));
    }
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

  Status texts(const toml::table& table, std::string_view key, std::unordered_set<std::string>& to,
               std::span<const std::string_view> allowed) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    if (!node->is_array()) return refuse(*node, key, "write a list of texts");
    to.clear();
    for (const toml::node& item : *node->as_array()) {
      const auto* value = item.as_string();
      if (value == nullptr) return refuse(item, key, "write texts in this list");
      if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), value->get()) == allowed.end()) {
        return refuse(item, key, fmt::format("write only {}", fmt::join(allowed, ", ")));
      }
      to.insert(value->get());
    }
    return {};
  }

  Status zones(const toml::table& table) {
    const toml::node* node = table.get("zones");
    if (node == nullptr) return {};
    if (!node->is_table()) return refuse(*node, "zones", "write a table such as {CET = \"+01:00\"}");
    for (const auto& [key, item] : *node->as_table()) {
      const auto* value = item.as_string();
      if (value == nullptr || !parse_time("2000-01-01T00:00:00" + value->get())) {
        return refuse(item, "zones", "write an offset such as \"+01:00\" behind every zone");
      }
      mapping_.zones[std::string(key.str())] = value->get();
    }
    return {};
  }

  Status persons(const toml::table& table) {
    const toml::node* node = table.get("persons");
    if (node == nullptr) return {};
    if (!node->is_array()) return refuse(*node, "persons", "write [[persons]] sections");
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_table()) return refuse(item, "persons", "write [[persons]] sections");
      WEERBAAR_TRY(person(*item.as_table()));
      if (mapping_.persons.size() > kPersonColumnsMax) {
        return refuse(item, "persons", fmt::format("list at most {} columns", kPersonColumnsMax));
      }
    }
    return {};
  }

  Status person(const toml::table& section) {
    WEERBAAR_TRY(only(section, {"table", "column", "type"}));
    std::string table;
    std::string column;
    std::string type;
    WEERBAAR_TRY(text(section, "table", kTextBytesMax, table));
    WEERBAAR_TRY(text(section, "column", kTextBytesMax, column));
    WEERBAAR_TRY(text(section, "type", kNameBytesMax, type));
    const auto subject_type = parse_subject_type(type);
    if (column.empty()) return refuse(section, "persons", "write the column, such as column = \"bsn\"");
    if (!subject_type) {
      return refuse(section, "persons", "write type = \"bsn\", or rsin, kvk, vehicle, address, employee or other");
    }
    mapping_.persons.push_back(
        {table.empty() ? TableName{} : parse_table_name(table), parse_table_name(column).table, *subject_type});
    return {};
  }

  std::string name_;
  Mapping mapping_;
};

}  // namespace

Result<Mapping> parse_mapping(const SourceOptions& options) {
  Reader reader(options);
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(options.mapping, reader.name()));
  return reader.read(table);
}

}  // namespace weerbaar::ingest::pgaudit

#include "ingest/sources/syslog/mapping.h"

#include <fmt/format.h>

#include <utility>

#include "base/toml.h"

namespace weerbaar::ingest::syslog {
namespace {

constexpr size_t kAccessesMax = 1'000;
constexpr int64_t kYearMin = 1'970;
constexpr int64_t kYearMax = 9'998;

class Reader {
 public:
  Reader(Mapping& mapping, os::FileSystem& files) : mapping_(mapping), files_(files) {}

  Status read(const toml::table& root) {
    for (const delimited::Column& column : mapping_.event.columns) {
      auto parsed = parse_column(column.name);
      if (!parsed) return fail(Code::kInvalid, fmt::format("{}: {}", mapping_.event.name, no_column(column.name)));
      mapping_.wanted.add(parsed->part);
      mapping_.columns.push_back(std::move(*parsed));
    }
    WEERBAAR_TRY(read_time(root));
    WEERBAAR_TRY(read_header_column(root, "sequence", mapping_.sequence));
    WEERBAAR_TRY(read_header_column(root, "counter", mapping_.counter));
    if (mapping_.counter && !mapping_.sequence) {
      return error(*root.get("counter"), "counter goes with sequence: give both, or sequence alone");
    }
    return read_accesses(root);
  }

 private:
  [[nodiscard]] std::unexpected<Error> error(const toml::node& node, std::string_view text) const {
    const toml::source_position at = node.source().begin;
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: {}", mapping_.event.name, at.line, at.column, text));
  }

  static std::string no_column(std::string_view name) {
    return fmt::format("there is no column \"{}\": a message has {}", name, column_names());
  }

  Status read_time(const toml::table& root) {
    if (const toml::node* zone = root.get("zone")) {
      if (!zone->is_string()) return error(*zone, "zone must be a text, such as \"Europe/Amsterdam\"");
      auto opened = delimited::TimeZone::open(files_, zone->as_string()->get());
      if (!opened) return error(*zone, opened.error().text);
      mapping_.zone = std::move(*opened);
    }
    const toml::node* year = root.get("year");
    if (year == nullptr) return {};
    if (year->is_string() && year->as_string()->get() == "receipt") {
      mapping_.year_of_receipt = true;
      return {};
    }
    if (!year->is_integer() || year->as_integer()->get() < kYearMin || year->as_integer()->get() > kYearMax) {
      return error(*year, fmt::format("year must be a number from {} to {}, or \"receipt\"", kYearMin, kYearMax));
    }
    mapping_.year = year->as_integer()->get();
    return {};
  }

  Status read_header_column(const toml::table& root, std::string_view key, std::optional<Column>& to) const {
    const toml::node* const node = root.get(key);
    if (node == nullptr) return {};
    if (node->is_string()) to = parse_column(node->as_string()->get());
    if (to && to->part != Part::kTime && to->part != Part::kContent && to->part < Part::kCefHeader) return {};
    return error(*node, fmt::format("{} must be a column of the header or of structured data, such as \"host\" or "
                                    "\"sd.meta.sequenceId\"",
                                    key));
  }

  Status read_accesses(const toml::table& root) {
    const toml::node* every = root.get("every_message_is_an_access");
    const toml::node* access = root.get("access");
    if (every != nullptr && (!every->is_boolean() || !every->as_boolean()->get())) {
      return error(*every, "every_message_is_an_access must be true, or absent");
    }
    if ((every == nullptr) == (access == nullptr)) {
      return error(access != nullptr ? *access : static_cast<const toml::node&>(root),
                   "say which messages tell of an access: [[access]] with conditions such as app = \"brp\", or "
                   "every_message_is_an_access = true, and not both");
    }
    if (access == nullptr) return {};
    if (!access->is_array() || access->as_array()->empty() || access->as_array()->size() > kAccessesMax) {
      return error(*access, fmt::format("access must be written as [[access]], at most {} times", kAccessesMax));
    }
    for (const toml::node& node : *access->as_array()) {
      if (!node.is_table() || node.as_table()->empty()) {
        return error(node, "[[access]] needs conditions, such as app = \"brp\" or \"cef.signature_id\" = [\"100\"]");
      }
      auto& conditions = mapping_.accesses.emplace_back();
      for (const auto& [key, value] : *node.as_table()) WEERBAAR_TRY(read_condition(key.str(), value, conditions));
    }
    return {};
  }

  Status read_condition(std::string_view name, const toml::node& node, std::vector<Condition>& to) {
    auto column = parse_column(name);
    if (node.is_table()) {
      return error(node, fmt::format("write the name of a column with dots in quotes: \"{}.…\" = \"…\"", name));
    }
    if (!column || column->part == Part::kTime) return error(node, no_column(name));
    Condition condition{std::move(*column), {}};
    const auto add = [&](const toml::node& text) -> Status {
      if (text.is_integer()) {
        condition.texts.push_back(std::to_string(text.as_integer()->get()));
      } else if (text.is_string()) {
        condition.texts.push_back(text.as_string()->get());
      } else {
        return error(text, fmt::format("{} must be a text, or a list of texts", name));
      }
      return {};
    };
    if (node.is_array()) {
      for (const toml::node& text : *node.as_array()) WEERBAAR_TRY(add(text));
    } else {
      WEERBAAR_TRY(add(node));
    }
    mapping_.wanted.add(condition.column.part);
    to.push_back(std::move(condition));
    return {};
  }

  Mapping& mapping_;
  os::FileSystem& files_;
};

}  // namespace

Result<Mapping> read_mapping(const SourceOptions& options, os::FileSystem& files) {
  Mapping mapping;
  WEERBAAR_ASSIGN(mapping.event, delimited::read_mapping(options, delimited::Format::kSyslog, files));
  WEERBAAR_ASSIGN(const toml::table root, parse_toml(options.mapping, mapping.event.name));
  WEERBAAR_TRY(Reader(mapping, files).read(root));
  return mapping;
}

}  // namespace weerbaar::ingest::syslog

#include "server/settings_toml.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/settings.h"

namespace weerbaar::server {

std::string place_of(const toml::node& node) {
  return fmt::format("{}:{}:{}", kSettingsFile, node.source().begin.line, node.source().begin.column);
}

Status check_known(const toml::table& table, std::span<const std::string_view> known, std::string_view prefix) {
  for (const auto& [name, node] : table) {
    if (std::find(known.begin(), known.end(), name.str()) != known.end()) continue;
    return fail(Code::kInvalid, fmt::format("{}: unknown setting {}{}", place_of(node), prefix, name.str()));
  }
  return {};
}

Status read_whole_number(const toml::table& table, std::string_view prefix, std::string_view name, int64_t least,
                         int64_t most, int64_t& to) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  const auto* value = node->as_integer();
  if (value == nullptr || value->get() < least || value->get() > most) {
    return fail(Code::kInvalid,
                fmt::format("{}: {}{} is a whole number from {} to {}", place_of(*node), prefix, name, least, most));
  }
  to = value->get();
  return {};
}

Status read_text(const toml::table& table, std::string_view prefix, std::string_view name, std::string& to) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  const auto* value = node->as_string();
  if (value == nullptr || value->get().empty()) {
    return fail(Code::kInvalid, fmt::format("{}: {}{} is a text, and not an empty one", place_of(*node), prefix, name));
  }
  to = value->get();
  return {};
}

Status read_truth(const toml::table& table, std::string_view prefix, std::string_view name, bool& to) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  const auto* value = node->as_boolean();
  if (value == nullptr) {
    return fail(Code::kInvalid, fmt::format("{}: {}{} is true or false", place_of(*node), prefix, name));
  }
  to = value->get();
  return {};
}

}  // namespace weerbaar::server

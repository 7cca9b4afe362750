#include "server/settings_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "server/settings.h"

namespace weerbaar::server {

std::string place_of(const toml::node& node) {
  const toml::source_region& source = node.source();
  const std::string_view file = source.path == nullptr ? kSettingsFile : std::string_view(*source.path);
  return fmt::format("{}:{}:{}", file, source.begin.line, source.begin.column);
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

Status read_database(const toml::table& table, std::string_view prefix, std::string_view name, std::string& to) {
  WEERBAAR_TRY(read_text(table, prefix, name, to));
  if (to.empty() || to.starts_with("sqlite:") || to.starts_with("postgresql:")) return {};
  return fail(Code::kInvalid,
              fmt::format("{}: {}{} names a database, as sqlite:FILE or as postgresql: and a connection "
                          "such as \"postgresql:host=/run/postgresql dbname=weerbaar\"",
                          place_of(*table.get(name)), prefix, name));
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

Status read_time(const toml::table& table, std::string_view prefix, std::string_view name, std::chrono::seconds most,
                 std::chrono::milliseconds& to) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  const auto* value = node->as_string();
  const std::string_view text = value == nullptr ? std::string_view() : std::string_view(value->get());
  constexpr std::string_view kUnits = "smh";
  constexpr std::array<int64_t, 3> kSeconds = {1, 60, 3'600};
  const size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
  int64_t number = -1;
  if (unit != kUnits.npos) {
    const std::string_view digits = text.substr(0, text.size() - 1);
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stop != end || number > most.count() / kSeconds[unit]) number = -1;
  }
  if (number < 0) {
    return fail(Code::kInvalid, fmt::format("{}: {}{} is a time from \"0s\" to \"{}h\", as \"90s\" or \"10m\"",
                                            place_of(*node), prefix, name, most.count() / kSeconds[2]));
  }
  to = std::chrono::seconds(number * kSeconds[unit]);
  return {};
}

}  // namespace weerbaar::server

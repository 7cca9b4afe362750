#include "server/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/toml.h"

namespace weerbaar::server {
namespace {

constexpr int64_t kRetentionMonthsMax = 1'200;
constexpr int64_t kGraceDaysMax = 3'660;

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

Result<std::string> required_text(const toml::table& table, std::string_view name) {
  const auto value = table[name].value<std::string>();
  if (!value || value->empty()) {
    return fail(Code::kInvalid, fmt::format("{}: the setting {} is missing, or is no text", kSettingsFile, name));
  }
  return *value;
}

// Of the section retention. Leaves `to` alone when the setting is absent; true is no 1, for keys hang on it.
Status whole_number(const toml::table& table, std::string_view name, int64_t least, int64_t most, int64_t& to) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  const auto* value = node->as_integer();
  if (value == nullptr || value->get() < least || value->get() > most) {
    return fail(Code::kInvalid,
                fmt::format("{}: retention.{} is a whole number from {} to {}", place_of(*node), name, least, most));
  }
  to = value->get();
  return {};
}

// As a TOML basic string. The text is UTF-8.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, kSettingsFile));
  static constexpr std::array<std::string_view, 5> kKnown = {"origin", "verifier_key", "keys", "register", "retention"};
  static constexpr std::array<std::string_view, 2> kKnownRetention = {"months", "grace_days"};
  WEERBAAR_TRY(check_known(table, kKnown, ""));
  Settings settings;
  WEERBAAR_ASSIGN(settings.origin, required_text(table, "origin"));
  WEERBAAR_ASSIGN(settings.verifier_key, required_text(table, "verifier_key"));
  WEERBAAR_ASSIGN(settings.keys, required_text(table, "keys"));
  if (table.contains("register")) {
    WEERBAAR_ASSIGN(settings.facts, required_text(table, "register"));
  }
  if (const toml::node* node = table.get("retention")) {
    const toml::table* retention = node->as_table();
    if (retention == nullptr) {
      return fail(Code::kInvalid, fmt::format("{}: retention is a section: write [retention] and its settings below it",
                                              place_of(*node)));
    }
    WEERBAAR_TRY(check_known(*retention, kKnownRetention, "retention."));
    WEERBAAR_TRY(whole_number(*retention, "months", 1, kRetentionMonthsMax, settings.retention_months));
    WEERBAAR_TRY(whole_number(*retention, "grace_days", 0, kGraceDaysMax, settings.retention_grace_days));
  }
  return settings;
}

std::string format_settings(const Settings& settings) {
  return fmt::format(
      "# Settings of this data directory.\n"
      "\n"
      "# The name of the log, and the key by which anybody checks its checkpoints.\n"
      "origin = {}\n"
      "verifier_key = {}\n"
      "\n"
      "# Where the keys are. Keep them apart from this directory: who has both can read everything.\n"
      "keys = {}\n"
      "\n"
      "{}"
      "[retention]\n"
      "# Months after which `weerbaar retention` destroys the key of a quarter: what happened in it stays proven, but\n"
      "# nobody can read any more who it was about.\n"
      "months = {}\n"
      "# A key is kept at least so many days after it was made: a source whose clock is wrong, or was set back, does "
      "not\n"
      "# get its traces destroyed before anybody looked.\n"
      "grace_days = {}\n",
      quoted(settings.origin), quoted(settings.verifier_key), quoted(settings.keys),
      settings.facts.empty() ? std::string() : fmt::format("register = {}\n\n", quoted(settings.facts)),
      settings.retention_months, settings.retention_grace_days);
}

}  // namespace weerbaar::server

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

Status check_known(const toml::table& table, std::span<const std::string_view> known, std::string_view prefix) {
  for (const auto& [name, node] : table) {
    if (std::find(known.begin(), known.end(), name.str()) != known.end()) continue;
    return fail(Code::kInvalid, fmt::format("{}:{}:{}: unknown setting {}{}", kSettingsFile, node.source().begin.line,
                                            node.source().begin.column, prefix, name.str()));
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

// As a TOML basic string.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, kSettingsFile));
  static constexpr std::array<std::string_view, 4> kKnown = {"origin", "verifier_key", "keys", "retention"};
  static constexpr std::array<std::string_view, 2> kKnownRetention = {"months", "grace_days"};
  WEERBAAR_TRY(check_known(table, kKnown, ""));
  Settings settings;
  WEERBAAR_ASSIGN(settings.origin, required_text(table, "origin"));
  WEERBAAR_ASSIGN(settings.verifier_key, required_text(table, "verifier_key"));
  WEERBAAR_ASSIGN(settings.keys, required_text(table, "keys"));
  if (const toml::table* retention = table["retention"].as_table()) {
    WEERBAAR_TRY(check_known(*retention, kKnownRetention, "retention."));
    const auto months = (*retention)["months"].value<int64_t>();
    if (!months || *months < 1 || *months > kRetentionMonthsMax) {
      return fail(Code::kInvalid, fmt::format("{}: retention.months is a whole number from 1 to {}", kSettingsFile,
                                              kRetentionMonthsMax));
    }
    settings.retention_months = *months;
    if (retention->contains("grace_days")) {
      const auto days = (*retention)["grace_days"].value<int64_t>();
      if (!days || *days < 0 || *days > kGraceDaysMax) {
        return fail(Code::kInvalid, fmt::format("{}: retention.grace_days is a whole number from 0 to {}",
                                                kSettingsFile, kGraceDaysMax));
      }
      settings.retention_grace_days = *days;
    }
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
      "[retention]\n"
      "# Months after which `weerbaar retention` destroys the key of a quarter: what happened in it stays proven, but\n"
      "# nobody can read any more who it was about.\n"
      "months = {}\n"
      "# A key is kept at least so many days after it was made: a source whose clock is wrong, or was set back, does "
      "not\n"
      "# get its traces destroyed before anybody looked.\n"
      "grace_days = {}\n",
      quoted(settings.origin), quoted(settings.verifier_key), quoted(settings.keys), settings.retention_months,
      settings.retention_grace_days);
}

}  // namespace weerbaar::server

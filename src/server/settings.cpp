#include "server/settings.h"

#include <fmt/format.h>

#include <array>

#include "base/toml.h"
#include "server/settings_toml.h"

namespace weerbaar::server {
namespace {

constexpr int64_t kRetentionMonthsMax = 1'200;
constexpr int64_t kGraceDaysMax = 3'660;

Result<std::string> required_text(const toml::table& table, std::string_view name) {
  const auto value = table[name].value<std::string>();
  if (!value || value->empty()) {
    return fail(Code::kInvalid, fmt::format("{}: the setting {} is missing, or is no text", kSettingsFile, name));
  }
  return *value;
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

Result<ReportSettings> parse_report(const toml::node& node) {
  static constexpr std::array<std::string_view, 3> kKnown = {"zone", "office_begin", "office_end"};
  constexpr std::string_view kPrefix = "report.";
  constexpr int64_t kHoursOfDay = 24;
  const toml::table* const table = node.as_table();
  if (table == nullptr) {
    return fail(Code::kInvalid,
                fmt::format("{}: report is a section: write [report] and its settings below it", place_of(node)));
  }
  WEERBAAR_TRY(check_known(*table, kKnown, kPrefix));
  ReportSettings settings;
  WEERBAAR_TRY(read_text(*table, kPrefix, "zone", settings.zone));
  WEERBAAR_TRY(read_whole_number(*table, kPrefix, "office_begin", 0, kHoursOfDay, settings.office_begin));
  WEERBAAR_TRY(read_whole_number(*table, kPrefix, "office_end", 0, kHoursOfDay, settings.office_end));
  if (settings.office_begin < settings.office_end) return settings;
  return fail(Code::kInvalid, fmt::format("{}: report.office_begin lies before report.office_end", place_of(node)));
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(text, kSettingsFile));
  static constexpr std::array<std::string_view, 8> kKnown = {"origin",    "verifier_key", "keys",  "register",
                                                             "retention", "report",       "serve", "people"};
  static constexpr std::array<std::string_view, 2> kKnownRetention = {"months", "grace_days"};
  WEERBAAR_TRY(check_known(table, kKnown, ""));
  Settings settings;
  WEERBAAR_ASSIGN(settings.origin, required_text(table, "origin"));
  WEERBAAR_ASSIGN(settings.verifier_key, required_text(table, "verifier_key"));
  WEERBAAR_ASSIGN(settings.keys, required_text(table, "keys"));
  WEERBAAR_TRY(read_database(table, "", "register", settings.facts));
  if (const toml::node* node = table.get("retention")) {
    const toml::table* retention = node->as_table();
    if (retention == nullptr) {
      return fail(Code::kInvalid, fmt::format("{}: retention is a section: write [retention] and its settings below it",
                                              place_of(*node)));
    }
    WEERBAAR_TRY(check_known(*retention, kKnownRetention, "retention."));
    WEERBAAR_TRY(
        read_whole_number(*retention, "retention.", "months", 1, kRetentionMonthsMax, settings.retention_months));
    WEERBAAR_TRY(
        read_whole_number(*retention, "retention.", "grace_days", 0, kGraceDaysMax, settings.retention_grace_days));
  }
  if (const toml::node* node = table.get("report")) {
    WEERBAAR_ASSIGN(settings.report, parse_report(*node));
  }
  if (const toml::node* node = table.get("serve")) {
    const toml::table* serve = node->as_table();
    if (serve == nullptr) {
      return fail(Code::kInvalid,
                  fmt::format("{}: serve is a section: write [serve] and its settings below it", place_of(*node)));
    }
    WEERBAAR_ASSIGN(settings.serve, parse_serve_settings(*serve));
  }
  if (const toml::node* node = table.get("people")) {
    const toml::table* people = node->as_table();
    if (people == nullptr) {
      return fail(Code::kInvalid,
                  fmt::format("{}: people is a section: write [people] and its settings below it", place_of(*node)));
    }
    WEERBAAR_ASSIGN(settings.people, parse_people_settings(*people));
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
      "grace_days = {}\n"
      "\n"
      "# The server, `weerbaar serve`: docs/operate/serve.md. `weerbaar token NAME` makes a token, and the lines of a "
      "source.\n"
      "# [serve]\n"
      "# listen = \"127.0.0.1:8443\"\n"
      "# certificate = \"server.crt\"\n"
      "# key = \"server.key\"\n"
      "# [[serve.source]]\n"
      "# name = \"gateway\"\n"
      "# token_sha256 = \"…\"\n",
      quoted(settings.origin), quoted(settings.verifier_key), quoted(settings.keys),
      settings.facts.empty() ? std::string() : fmt::format("register = {}\n\n", quoted(settings.facts)),
      settings.retention_months, settings.retention_grace_days);
}

}  // namespace weerbaar::server

// Reading of settings from TOML, with errors that name the file, the line and the setting.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/toml.h"
#include "server/people_settings.h"
#include "server/serve_settings.h"

namespace weerbaar::server {

// "weerbaar.toml:3:7", by the name that the file was parsed under.
std::string place_of(const toml::node& node);

// kInvalid when the table has another setting than those known. `prefix` is that of their names: "retention.".
Status check_known(const toml::table& table, std::span<const std::string_view> known, std::string_view prefix);

// Each leaves `to` alone when the setting is absent, and gives kInvalid when it is something else; true is no 1.
Status read_whole_number(const toml::table& table, std::string_view prefix, std::string_view name, int64_t least,
                         int64_t most, int64_t& to);
Status read_text(const toml::table& table, std::string_view prefix, std::string_view name, std::string& to);
// The address of a database, for sql::Database::open(). What stands behind its kind is not looked at.
Status read_database(const toml::table& table, std::string_view prefix, std::string_view name, std::string& to);
// A whole number and s, m or h: "90s", "10m".
Status read_time(const toml::table& table, std::string_view prefix, std::string_view name, std::chrono::seconds most,
                 std::chrono::milliseconds& to);
Status read_truth(const toml::table& table, std::string_view prefix, std::string_view name, bool& to);

// The section [people]. kInvalid with line and column.
Result<PeopleSettings> parse_people_settings(const toml::table& people);
// What of the section [serve] is about the log and its witnesses, without the mirrors. The quorum is the majority of
// the witnesses when it is not said. kInvalid with line and column.
Status read_log_settings(const toml::table& serve, LogSettings& settings);
// The section [serve]. kInvalid with line and column.
Result<ServeSettings> parse_serve_settings(const toml::table& serve);

}  // namespace weerbaar::server

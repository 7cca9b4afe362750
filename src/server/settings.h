// The settings of a data directory: its file weerbaar.toml. docs/formats/data-directory.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/people_settings.h"
#include "server/serve_settings.h"

namespace weerbaar::server {

// How the monthly report is made.
struct ReportSettings {
  std::string zone = "Europe/Amsterdam";  // of its months and hours: a name of the IANA database
  int64_t office_begin = 6;               // hours, Monday to Friday, where no shift of the employee is known
  int64_t office_end = 19;

  bool operator==(const ReportSettings&) const = default;
};

struct Settings {
  std::string origin;        // name of the log
  std::string verifier_key;  // by which anybody checks its checkpoints
  std::string keys;          // directory of the keys; relative to the data directory unless it begins with '/'
  std::string facts;         // address of the register, for sql::Database::open(); empty: a file in the data directory
  int64_t retention_months = 84;
  // A key lives at least this long after it was made, so that a source with a wrong clock has nothing shredded at once.
  int64_t retention_grace_days = 92;
  ReportSettings report;
  ServeSettings serve;
  PeopleSettings people;
};

inline constexpr std::string_view kSettingsFile = "weerbaar.toml";

// kInvalid with line and column; unknown settings are named, so that a typing error does not pass for a choice.
Result<Settings> parse_settings(std::string_view toml);
// As a new data directory gets them, without those of serve. The texts of `settings` must be UTF-8.
std::string format_settings(const Settings& settings);

}  // namespace weerbaar::server

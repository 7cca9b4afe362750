#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/checks.h"
#include "server/commands.h"

namespace weerbaar::server {
namespace {

// The moment from which a period is past its term: `months` after its end, by the calendar.
Time term_of(trail::Period period, int64_t months) {
  const Civil end = civil_from_days(floor_div(end_of(period).micros, kMicrosPerDay));
  const int64_t month = end.year * 12 + static_cast<int64_t>(end.month) - 1 + months;
  return {days_from_civil(floor_div(month, 12), static_cast<unsigned>(month % 12) + 1, 1) * kMicrosPerDay, 0};
}

struct Due {
  trail::Period period;
  Time since;
};

// A destruction that was interrupted is due again.
std::vector<Due> periods_due(const std::vector<trail::PeriodStatus>& periods, const Settings& settings, Time now) {
  std::vector<Due> due;
  for (const trail::PeriodStatus& status : periods) {
    Time since = term_of(status.period, settings.retention_months);
    if (status.created) {
      const int64_t grace = settings.retention_grace_days * kMicrosPerDay;
      since = std::max(since, Time{status.created->micros + grace, 0});
    }
    if (!status.destruction && since <= now) due.push_back({status.period, since});
  }
  return due;
}

// The record of it stands in the trail before the key goes: a crash in between leaves a key that the next run destroys.
Status destroy(trail::Trail& trail, const Due& due, int64_t months, Time now) {
  const nlohmann::ordered_json record = {{"what", "period key destroyed"},
                                         {"period", to_string(due.period)},
                                         {"term_months", months},
                                         {"past_term_since", format_time(due.since)}};
  WEERBAAR_TRY(trail.append_record("retention", record.dump()));
  WEERBAAR_TRY(trail.sign());
  return trail.keys()->destroy(due.period, now, fmt::format("end of retention after {} months", months));
}

Status destroy_all(DataDirectory& data, const std::vector<Due>& due, int64_t months, Time now) {
  if (due.empty()) return {};
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  for (const Due& one : due) WEERBAAR_TRY(destroy(*trail, one, months, now));
  Use use;
  use.action = Action::kDelete;
  use.component = "retention";
  use.records = due.size();
  return record_use(*trail, use, {});
}

}  // namespace

Result<int> run_retention(const RetentionOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(trail::KeyStore* const keys, data.keys());
  const int64_t months = data.settings().retention_months;
  const Time now = os::now();
  WEERBAAR_ASSIGN(const std::vector<trail::PeriodStatus> periods, keys->periods());
  const std::vector<Due> due = periods_due(periods, data.settings(), now);
  if (!options.dry_run) {
    // No check may judge meanwhile by a key that goes, and keep what it found.
    WEERBAAR_ASSIGN(const std::unique_ptr<os::Lock> lock, lock_checks(data));
    WEERBAAR_TRY(destroy_all(data, due, months, now));
    WEERBAAR_TRY(drop_destroyed_findings(data, *keys));
  }
  if (console.json()) {
    nlohmann::ordered_json json = {{"periods", nlohmann::ordered_json::array()}};
    for (const Due& one : due) json["periods"].push_back(to_string(one.period));
    console.result(json.dump());
    return kExitYes;
  }
  if (due.empty()) {
    console.result(
        fmt::format("No period is past its term of {}.", counted(static_cast<uint64_t>(months), "month", "months")));
    return kExitYes;
  }
  for (const Due& one : due) {
    console.result(fmt::format("{}: {} (past its term since {})", to_string(one.period),
                               options.dry_run ? "would be destroyed" : "key destroyed",
                               format_time(one.since).substr(0, 10)));
  }
  if (!options.dry_run) {
    console.note(
        "What happened in these periods stays proven; who it was about can no longer be read. Copies of the "
        "keys on backups are yours to destroy.");
  }
  return kExitYes;
}

}  // namespace weerbaar::server

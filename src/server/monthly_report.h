// The report of a month over a data directory: the accesses of its trail, judged by its policy and its register.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/report.h"
#include "server/console.h"
#include "server/data_directory.h"
#include "server/judgement.h"

namespace weerbaar::server {

// The type of the record that a report leaves in the trail.
inline constexpr std::string_view kReportRecord = "report";

struct ReportChoice {
  report::Month month;
  std::optional<uint64_t> size;  // of the trail: what stands behind is not looked at; else all
  JudgementChoice judgement;
};

struct MonthlyReport {
  report::Report report;
  std::string json;
};

// Takes what load_judgement() and report::gather() take: seconds, or minutes for many millions of accesses. kInvalid of
// a size that the trail does not have, and errors of both.
Result<MonthlyReport> make_monthly_report(DataDirectory& data, const trail::Trail& trail, const ReportChoice& choice,
                                          Console& console);
// From when on the month is over in the time zone of the reports, and accesses of it that waited for their other half
// have come out: the first moment at which it may be shown to who does not hold the keys. kInvalid for a zone that the
// machine does not know.
Result<Time> reportable_from(const Settings& settings, report::Month month);
// What the trail keeps of it: by what it was made, and its SHA-256.
nlohmann::ordered_json record_of(const MonthlyReport& made);

}  // namespace weerbaar::server

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/event_output.h"
#include "server/monthly_report.h"

namespace weerbaar::server {
namespace {

Result<MonthlyReport> make(const ReportOptions& options, report::Month month, DataDirectory& data, Console& console) {
  // Judging takes its time, and intake does not wait for it.
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  return make_monthly_report(data, *trail, {month, options.size, {options.policy, options.known_at}}, console);
}

Status record(const ReportOptions& options, const MonthlyReport& made, DataDirectory& data) {
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  if (const auto index = trail->append_record(kReportRecord, record_of(made).dump()); !index)
    return fail_in("report", index.error());
  Use use;
  use.component = "report";
  use.query = "month " + made.report.basis.month;
  return record_use(*trail, use, options.purpose);
}

std::string line_of(std::string_view name, report::Figure figure, report::Figure whole) {
  const auto share = report::share(figure, whole);
  return fmt::format("{:<32}{:>16}{:>10}", name, figure ? grouped(*figure) : "(hidden)",
                     share ? fmt::format("{:.1f} %", *share * 100) : "");
}

void print(const report::Report& report, Console& console) {
  const report::Figures& all = report.all;
  console.result(fmt::format("Report of {}, under control policy {} \"{}\", of the trail at size {}",
                             report.basis.month, report.basis.policy, printable(report.basis.policy_name),
                             report.basis.size));
  console.result(line_of("accesses", all.accesses, std::nullopt));
  console.result(line_of("employees", all.employees, std::nullopt));
  console.result(line_of("persons", report.persons, std::nullopt));
  console.result(line_of("searches", all.searches, all.accesses));
  console.result(line_of("searches on another key", all.other_keys, all.searches));
  console.result(line_of("outside working hours", all.outside_hours, all.accesses));
  console.result(line_of("break-glass", all.break_glass, all.accesses));
  console.result(line_of("explained", all.explained, all.accesses));
  console.result(line_of("flagged", all.flagged, all.accesses));
  console.result(line_of("unexplained", all.unexplained, all.accesses));
  console.result(line_of("first accesses", report.first, all.accesses));
  console.note("Systems, units, months and sources are in the report that -o writes, or in --json.");
}

Result<std::string> content_of(const ReportOptions& options, const MonthlyReport& made) {
  if (options.output.ends_with(".json")) return made.json;
  if (options.output.ends_with(".csv")) {
    return report::to_csv(made.report,
                          options.language == "nl" ? report::TableFor::kDutchSpreadsheet : report::TableFor::kPrograms);
  }
  return report::to_pdf(made.report, options.language == "en" ? report::Language::kEnglish : report::Language::kDutch);
}

}  // namespace

Result<int> run_report(const ReportOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const report::Month month, report::parse_month(options.month));
  const std::string& output = options.output;
  if (!output.empty() && !output.ends_with(".json") && !output.ends_with(".csv") && !output.ends_with(".pdf")) {
    return fail(Code::kInvalid, "-o: the name of the file ends in .pdf, .json or .csv");
  }
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  if (!output.empty()) WEERBAAR_TRY(data.check_output("-o", output));
  WEERBAAR_ASSIGN(const MonthlyReport made, make(options, month, data, console));
  std::string content;
  if (!output.empty()) {
    WEERBAAR_ASSIGN(content, content_of(options, made));
  }
  WEERBAAR_TRY(record(options, made, data));
  if (!output.empty()) {
    WEERBAAR_TRY(os::write_file_atomically(data.files(), output, as_bytes(content)));
    console.note(fmt::format("{} is written.", output));
  }
  if (console.json()) {
    console.result(std::string_view(made.json).substr(0, made.json.size() - 1));
  } else {
    print(made.report, console);
  }
  return kExitYes;
}

}  // namespace weerbaar::server

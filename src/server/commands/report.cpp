#include "report/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/event_output.h"
#include "server/judgement.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kReportRecord = "report";

struct Made {
  report::Report report;
  std::string json;
};

Result<report::Calendar> calendar_of(const ReportSettings& settings) {
  auto zone = ingest::delimited::TimeZone::open(os::real_file_system(), settings.zone);
  if (!zone) return fail_in("weerbaar.toml: report.zone", zone.error());
  return report::Calendar(std::move(*zone), {settings.office_begin, settings.office_end});
}

Result<Made> make(const ReportOptions& options, report::Month month, DataDirectory& data, Console& console) {
  // Judging takes its time, and intake does not wait for it.
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  const uint64_t size = options.size.value_or(trail->size().value());
  if (size > trail->size().value()) {
    return fail(Code::kInvalid, fmt::format("--size {}: the trail has {} entries", size, trail->size().value()));
  }
  const ReportSettings& settings = data.settings().report;
  WEERBAAR_ASSIGN(const report::Calendar calendar, calendar_of(settings));
  const auto want = [](std::span<const purpose::Rule>, purpose::FactBase& facts) { report::want(facts); };
  WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                  load_judgement(data, *trail, {options.policy, options.known_at}, console, want));
  const auto tell = [&](uint64_t index) { console.progress(fmt::format("{} of {} entries", index, size)); };
  WEERBAAR_ASSIGN(const report::Gathered gathered, report::gather(*trail, *judgement->judge, judgement->facts, calendar,
                                                                  {month, size, kOwnSource}, tell));
  report::Basis basis;
  basis.month = options.month;
  basis.origin = data.settings().origin;
  basis.zone = settings.zone;
  basis.hours = {settings.office_begin, settings.office_end};
  basis.size = size;
  basis.policy = judgement->adopted.policy.number;
  basis.policy_name = judgement->adopted.policy.name;
  basis.policy_digest = judgement->adopted.digest;
  basis.known_at = judgement->known_at;
  basis.register_digest = judgement->register_digest;
  Made made;
  made.report = report::make_report(std::move(basis), month, gathered);
  made.json = report::to_json(made.report);
  return made;
}

Status record(const ReportOptions& options, const Made& made, DataDirectory& data) {
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  const report::Basis& basis = made.report.basis;
  const nlohmann::ordered_json json = {{"month", basis.month},
                                       {"size", basis.size},
                                       {"policy", basis.policy},
                                       {"policy_sha256", basis.policy_digest},
                                       {"facts_of_import", basis.known_at},
                                       {"register_sha256", basis.register_digest},
                                       {"findings_sha256", made.report.findings},
                                       {"report_sha256", to_hex(trail::sha256(as_bytes(made.json)))}};
  if (const auto index = trail->append_record(kReportRecord, json.dump()); !index)
    return fail_in("report", index.error());
  Use use;
  use.component = "report";
  use.query = "month " + basis.month;
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

Result<std::string> content_of(const ReportOptions& options, const Made& made) {
  if (options.output.ends_with(".json")) return made.json;
  if (options.output.ends_with(".csv")) return report::to_csv(made.report);
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
  WEERBAAR_ASSIGN(const Made made, make(options, month, data, console));
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

#include "server/report_api.h"

#include <array>
#include <nlohmann/json.hpp>

#include "service/api_json.h"
#include "service/negotiation.h"

namespace weerbaar::server {
namespace {

using http::PathArguments;
using http::Request;
using http::Response;
using people::Permission;
using service::Visitor;

constexpr std::array<std::string_view, 3> kTypes = {"application/json", "text/csv", "application/pdf"};
enum Form : size_t { kJson, kCsv, kPdf };

Result<std::string> content_of(const MonthlyReport& made, size_t form, const Request& request) {
  const std::string_view wanted = request.field("accept-language");
  const service::Language language = service::wanted_language(wanted);
  if (form == kJson) return made.json;
  if (form == kCsv) {
    // Programs say no language, or any; the browser of who has a Dutch spreadsheet says Dutch.
    const bool says_dutch = wanted.find("nl") != std::string_view::npos && language == service::Language::kDutch;
    return report::to_csv(made.report, says_dutch ? report::TableFor::kDutchSpreadsheet : report::TableFor::kPrograms);
  }
  return report::to_pdf(
      made.report, language == service::Language::kEnglish ? report::Language::kEnglish : report::Language::kDutch);
}

}  // namespace

void ReportApi::add_routes(http::Router& router) {
  guard_.add(router, {"GET", "/api/v1/reports/{month}", "report", Permission::kSeeReports},
             [this](Request& request, const PathArguments& path, const Visitor& visitor) {
               return show(path[0], request, visitor);
             });
}

Result<MonthlyReport> ReportApi::make(report::Month month) {
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, reader_.open_apart());
  Console console = Console::without_progress();
  auto made = make_monthly_report(data_, *trail, {month, {}, {}}, console);
  // What is wrong with settings and facts is for the administrator; who asks named a month and nothing else.
  if (!made && made.error().code == Code::kInvalid) return fail(Code::kCorrupt, made.error().text);
  return made;
}

Status ReportApi::record(const MonthlyReport& made, const Visitor& visitor) {
  const std::string body = record_of(made).dump();
  const trail::NewRecord record{kReportRecord, body};
  if (const auto appended = writer_.append_records({&record, 1}); !appended) return std::unexpected(appended.error());
  WEERBAAR_ASSIGN(people::Deed deed, service::new_deed(visitor, Action::kRead, "report"));
  deed.query = "month " + made.report.basis.month;
  return record_(deed);
}

Response ReportApi::show(std::string_view text, const Request& request, const Visitor& visitor) {
  const auto month = report::parse_month(text);
  if (!month) return http::problem(404, "there is no report of such a month: a month is written as 2026-03");
  const auto from = reportable_from(data_.settings(), *month);
  if (!from) return service::failure(from.error(), log_);
  // Two reports of a month that goes on would differ by single accesses.
  if (os::now() < *from) {
    return http::problem(404, "there is no report of this month yet: it can be asked from " + format_time(*from));
  }
  const auto form = service::wanted_type(request.field("accept"), kTypes);
  if (!form) return http::problem(406, "a report is there as application/json, text/csv and application/pdf");
  const auto turn = long_work_.begin();
  if (!turn) return service::LongWork::come_back();
  const auto made = make(*month);
  if (!made) return service::failure(made.error(), log_);
  auto content = content_of(*made, *form, request);
  if (!content) return service::failure(content.error(), log_);
  if (const Status recorded = record(*made, visitor); !recorded) return service::unrecorded(recorded.error(), log_);
  Response response;
  response.content_type = *form == kCsv ? "text/csv; charset=utf-8" : std::string(kTypes[*form]);
  response.body = std::move(*content);
  response.fields.push_back({"Vary", "Accept, Accept-Language"});
  if (*form != kJson) {
    response.fields.push_back({"Content-Disposition", "attachment; filename=\"report-" + report::format_month(*month) +
                                                          (*form == kCsv ? ".csv\"" : ".pdf\"")});
  }
  return response;
}

}  // namespace weerbaar::server

#include "service/mandate_api.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "service/api_json.h"
#include "service/evidence.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;
using people::Mandate;
using people::Permission;

constexpr uint64_t kMandatesOfPageMax = 100;

std::string moment(int64_t micros) {
  return format_time(Time{micros, 0});
}

nlohmann::ordered_json json_of(const Mandate& mandate, int64_t now) {
  nlohmann::ordered_json json = {{"number", mandate.number},
                                 {"state", people::to_string(mandate.state(now))},
                                 {"case", mandate.case_id},
                                 {"ground", mandate.ground},
                                 {"about", std::string(to_string(mandate.about.type)) + ":" + mandate.about.id},
                                 {"from", moment(mandate.from)},
                                 {"to", moment(mandate.to)},
                                 {"asked_by", mandate.asked_by},
                                 {"asked_at", moment(mandate.asked_at)}};
  if (mandate.approved_at != 0) {
    json["approved_by"] = mandate.approved_by;
    json["approved_at"] = moment(mandate.approved_at);
  }
  if (mandate.withdrawn_at != 0) {
    json["withdrawn_by"] = mandate.withdrawn_by;
    json["withdrawn_at"] = moment(mandate.withdrawn_at);
  }
  return json;
}

// From 1; nothing when it is no number of a mandate.
std::optional<int64_t> number_of(std::string_view text) {
  const auto number = whole_number(text);
  if (!number || *number < 1 || *number > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(*number);
}

Result<people::MandateRequest> read_request(std::string_view body) {
  static constexpr std::array<std::string_view, 5> kMembers = {"case", "ground", "about", "from", "to"};
  WEERBAAR_ASSIGN(const auto texts, read_texts(body, kMembers));
  people::MandateRequest request;
  request.case_id = texts.at("case");
  request.ground = texts.at("ground");
  WEERBAAR_ASSIGN(request.about, people::parse_about(texts.at("about")));
  const auto from = parse_time_or_date(texts.at("from"));
  if (!from) return fail_in("from", from.error());
  const auto to = parse_time_or_date(texts.at("to"));
  if (!to) return fail_in("to", to.error());
  request.from = from->micros;
  request.to = to->micros;
  return request;
}

}  // namespace

void MandateApi::add_routes(http::Router& router) {
  guard_.add(
      router, {"POST", "/api/v1/mandates", "mandate_ask", Permission::kAskMandate},
      [this](Request& request, const http::PathArguments&, const Visitor& visitor) { return ask(request, visitor); });
  guard_.add(
      router, {"GET", "/api/v1/mandates", "mandates", Permission::kSeeMandates},
      [this](Request& request, const http::PathArguments&, const Visitor& visitor) { return list(request, visitor); });
  guard_.add(router, {"GET", "/api/v1/mandates/{number}", "mandate", Permission::kSeeMandates},
             [this](Request&, const http::PathArguments& arguments, const Visitor& visitor) {
               return show(arguments, visitor);
             });
  guard_.add(router, {"POST", "/api/v1/mandates/{number}/approval", "mandate_approval", Permission::kDecideMandate},
             [this](Request&, const http::PathArguments& arguments, const Visitor& visitor) {
               return change(arguments, visitor, "mandate approve", &people::Mandates::approve);
             });
  guard_.add(router,
             {"POST", "/api/v1/mandates/{number}/withdrawal", "mandate_withdrawal", Permission::kWithdrawMandate},
             [this](Request&, const http::PathArguments& arguments, const Visitor& visitor) {
               return change(arguments, visitor, "mandate withdraw", &people::Mandates::withdraw);
             });
}

Response MandateApi::ask(Request& request, const Visitor& visitor) {
  const auto asked = read_request(request.body);
  if (!asked) return failure(asked.error());
  auto deed = people::new_deed(visitor.account.employee, Action::kCreate, "mandate ask");
  if (!deed) return failure(deed.error());
  deed->ip = visitor.address;
  const auto mandate = mandates_.ask(visitor.account, *asked, std::move(*deed), record_);
  if (!mandate) return failure(mandate.error());
  Response response = json_answer(201, json_of(*mandate, store_.now()));
  response.fields.push_back({"Location", "/api/v1/mandates/" + std::to_string(mandate->number)});
  return response;
}

// A look at whom mandates are about is a look.
Response MandateApi::list(const Request& request, const Visitor& visitor) {
  const auto cursor = http::query_value(request.query(), "cursor");
  const auto before = cursor ? number_of(*cursor) : std::optional<int64_t>(INT64_MAX);
  if (!before) return http::problem(400, "cursor is what the page before gave as next");
  const auto mandates = mandates_.list(visitor.account, *before, kMandatesOfPageMax);
  if (!mandates) return failure(mandates.error());
  auto deed = people::new_deed(visitor.account.employee, Action::kList, "mandates");
  if (!deed) return failure(deed.error());
  deed->ip = visitor.address;
  deed->records = mandates->size();
  if (const Status recorded = record_(*deed); !recorded) return failure(Error{Code::kStopped, ""});
  nlohmann::ordered_json json = {{"items", nlohmann::ordered_json::array()}};
  for (const Mandate& mandate : *mandates) json["items"].push_back(json_of(mandate, store_.now()));
  if (mandates->size() == kMandatesOfPageMax) json["next"] = std::to_string(mandates->back().number);
  return json_answer(200, json);
}

Response MandateApi::show(const http::PathArguments& arguments, const Visitor& visitor) {
  const auto number = number_of(arguments[0]);
  if (!number) return http::problem(404, "there is no such mandate");
  const auto mandate = mandates_.find(visitor.account, *number);
  if (!mandate) return failure(mandate.error());
  auto deed = new_deed(visitor, Action::kRead, "mandates");
  if (!deed) return failure(deed.error());
  deed->query = "mandate " + std::to_string(*number);
  deed->records = 1;
  if (const Status recorded = record_(*deed); !recorded) return failure(Error{Code::kStopped, ""});
  return json_answer(200, json_of(*mandate, store_.now()));
}

Response MandateApi::change(const http::PathArguments& arguments, const Visitor& visitor, std::string_view component,
                            Change how) {
  const auto number = number_of(arguments[0]);
  if (!number) return http::problem(404, "there is no such mandate");
  auto deed = people::new_deed(visitor.account.employee, Action::kDecide, std::string(component));
  if (!deed) return failure(deed.error());
  deed->ip = visitor.address;
  const auto mandate = (mandates_.*how)(visitor.account, *number, std::move(*deed), record_);
  if (!mandate) return failure(mandate.error());
  return json_answer(200, json_of(*mandate, store_.now()));
}

}  // namespace weerbaar::service

#include "service/mandate_api.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "service/api_json.h"
#include "service/evidence.h"
#include "trail/store/needle.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;
using people::Mandate;
using people::Permission;

std::string moment(int64_t micros) {
  return format_time(Time{micros, 0});
}

nlohmann::ordered_json json_of(const Mandate& mandate, int64_t now, bool reveal = false) {
  nlohmann::ordered_json json = {{"number", mandate.number},
                                 {"state", people::to_string(mandate.state(now))},
                                 {"case", mandate.case_id},
                                 {"ground", mandate.ground},
                                 {"about", reveal ? to_string(mandate.about) : mandate.about_as_asked()},
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

// The same for whatever is no pseudonym under a key that is there: nothing is told of keys, or of whom there is.
std::unexpected<Error> nobody_known() {
  return fail(Code::kInvalid,
              "about names nobody who is known: copy a pseudonym with its period and its type, as it was shown: "
              "employee:~2026-Q1:…; periods whose key was destroyed name nobody any more");
}

bool is_fault_of_machine(Code code) {
  return code == Code::kIo || code == Code::kNoSpace || code == Code::kBusy || code == Code::kStopped;
}

// "~2026-Q1:…", in the very form in which it is shown.
Result<people::About> employee_behind(trail::KeyStore& keys, const std::string& pseudonym) {
  auto id = trail::actor_behind(keys, pseudonym);
  if (!id && is_fault_of_machine(id.error().code)) return std::unexpected(std::move(id.error()));
  if (!id || !id->has_value()) return nobody_known();
  const auto about = people::parse_about("employee:" + **id);
  if (!about) return nobody_known();
  WEERBAAR_ASSIGN(const trail::Period period, trail::parse_period(std::string_view(pseudonym).substr(1, 7)));
  WEERBAAR_ASSIGN(const std::string shown, trail::actor_pseudonym(keys, period, about->id));
  if (shown != pseudonym) return nobody_known();
  return *about;
}

Status read_about(trail::KeyStore& keys, const std::string& text, people::MandateRequest& request) {
  static constexpr std::string_view kEmployee = "employee:";
  if (text.starts_with(kEmployee) && std::string_view(text).substr(kEmployee.size()).starts_with(kPseudonymMark)) {
    request.pseudonym = text.substr(kEmployee.size());
    WEERBAAR_ASSIGN(request.about, employee_behind(keys, request.pseudonym));
    return {};
  }
  WEERBAAR_ASSIGN(request.about, people::parse_asked_about(text));
  return {};
}

// "true" or "false" in the address; false when it says nothing.
Result<bool> read_reveal(std::string_view query) {
  const auto reveal = http::query_value(query, "reveal");
  if (reveal && *reveal != "true" && *reveal != "false") return fail(Code::kInvalid, "reveal is true or false");
  return reveal == "true";
}

Result<people::MandateRequest> read_request(trail::KeyStore& keys, std::string_view body) {
  static constexpr std::array<std::string_view, 5> kMembers = {"case", "ground", "about", "from", "to"};
  WEERBAAR_ASSIGN(const auto texts, read_texts(body, kMembers));
  people::MandateRequest request;
  request.case_id = texts.at("case");
  request.ground = texts.at("ground");
  WEERBAAR_TRY(read_about(keys, texts.at("about"), request));
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
             [this](Request& request, const http::PathArguments& arguments, const Visitor& visitor) {
               return show(request, arguments, visitor);
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
  const auto asked = read_request(keys_, request.body);
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
  const auto limit = read_limit(request.query());
  if (!limit) return failure(limit.error());
  std::optional<int64_t> after;
  if (const auto cursor = http::query_value(request.query(), "cursor")) {
    // Of what is no number there is no mandate either.
    after = number_of(*cursor).value_or(0);
  }
  const auto mandates = mandates_.list(visitor.account, after, *limit);
  if (!mandates) return failure(mandates.error());
  auto deed = people::new_deed(visitor.account.employee, Action::kList, "mandates");
  if (!deed) return failure(deed.error());
  deed->ip = visitor.address;
  // Not how many: others see other ones, and would know from it of those about themselves.
  if (const Status recorded = record_(*deed); !recorded) return failure(Error{Code::kStopped, ""});
  nlohmann::ordered_json json = {{"items", nlohmann::ordered_json::array()}};
  for (const Mandate& mandate : *mandates) json["items"].push_back(json_of(mandate, store_.now()));
  if (mandates->size() == *limit) json["next"] = std::to_string(mandates->back().number);
  return json_answer(200, json);
}

Response MandateApi::show(const Request& request, const http::PathArguments& arguments, const Visitor& visitor) {
  const auto number = number_of(arguments[0]);
  if (!number) return http::problem(404, "there is no such mandate");
  const auto reveal = read_reveal(request.query());
  if (!reveal) return failure(reveal.error());
  const auto mandate =
      *reveal ? mandates_.find_to_reveal(visitor.account, *number) : mandates_.find(visitor.account, *number);
  if (!mandate) return failure(mandate.error());
  auto deed = new_deed(visitor, Action::kRead, "mandates");
  if (!deed) return failure(deed.error());
  deed->query = "mandate " + std::to_string(*number);
  // Whoever does not see the mandate does not see this look at it either.
  deed->mandate = mandate->number;
  if (*reveal) {
    deed->about = {{mandate->about.type, mandate->about.id}};
    deed->records = 1;
    deed->case_id = mandate->case_id;
    deed->reason = mandate->ground;
    deed->shows_identities = true;
  }
  if (const Status recorded = record_(*deed); !recorded) return failure(Error{Code::kStopped, ""});
  return json_answer(200, json_of(*mandate, store_.now(), *reveal));
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

#include "server/check_api.h"

#include <nlohmann/json.hpp>

#include "server/checks.h"
#include "service/api_json.h"

namespace weerbaar::server {
namespace {

using http::PathArguments;
using http::Request;
using http::Response;
using people::Permission;
using service::Visitor;

// What came of it, exact to one access: two checks may differ by one, and who makes it knows of whom it was.
constexpr std::string_view kOutcomes[] = {"explained",     "flagged",         "unexplained",
                                          "first_checked", "first_explained", "first_flagged",
                                          "own_uses",      "own_explained",   "own_flagged"};

// For who sees no single accesses, what was checked only: how much came of it is told by the monthly report.
nlohmann::ordered_json shown_to(const Visitor& visitor, nlohmann::ordered_json check) {
  const people::Roles& roles = visitor.account.roles;
  if (people::may(roles, Permission::kSeeSignals) || people::may(roles, Permission::kSeeWithoutMandate)) return check;
  for (const std::string_view outcome : kOutcomes) check.erase(std::string(outcome));
  return check;
}

}  // namespace

void CheckApi::add_routes(http::Router& router) {
  guard_.add(router, {"GET", "/api/v1/checks", "checks", Permission::kSeeReports},
             [this](Request& request, const PathArguments&, const Visitor& visitor) { return list(request, visitor); });
  guard_.add(router, {"GET", "/api/v1/checks/{number}", "check", Permission::kSeeReports},
             [this](Request&, const PathArguments& path, const Visitor& visitor) { return show(path[0], visitor); });
}

Response CheckApi::list(const Request& request, const Visitor& visitor) {
  const auto page = service::read_page(request.query());
  if (!page) return service::failure(page.error());
  std::vector<nlohmann::ordered_json> checks;
  const Status read = reader_.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(checks, recorded_checks(trail, page->before, page->limit + 1));
    return {};
  });
  if (!read) return service::failure(read.error(), log_);
  nlohmann::ordered_json json = {{"items", nlohmann::ordered_json::array()}};
  const bool is_last = checks.size() <= page->limit;
  if (!is_last) checks.pop_back();
  if (!is_last) json["next"] = std::to_string(checks.back()["check"].get<uint64_t>());
  auto deed = service::new_deed(visitor, Action::kList, "checks");
  if (!deed) return service::failure(deed.error(), log_);
  deed->records = checks.size();
  if (const Status recorded = record_(*deed); !recorded) return service::unrecorded(recorded.error(), log_);
  for (nlohmann::ordered_json& check : checks) json["items"].push_back(shown_to(visitor, std::move(check)));
  return service::json_answer(200, json);
}

Response CheckApi::show(std::string_view number, const Visitor& visitor) {
  const auto wanted = service::whole_number(number);
  if (!wanted) return http::problem(404, "there is no such check");
  nlohmann::ordered_json check;
  const Status read = reader_.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(check, recorded_check(trail, *wanted));
    return {};
  });
  if (!read) return service::failure(read.error(), log_);
  auto deed = service::new_deed(visitor, Action::kRead, "checks");
  if (!deed) return service::failure(deed.error(), log_);
  deed->query = "check " + std::to_string(*wanted);
  deed->records = 1;
  if (const Status recorded = record_(*deed); !recorded) return service::unrecorded(recorded.error(), log_);
  return service::json_answer(200, shown_to(visitor, std::move(check)));
}

}  // namespace weerbaar::server

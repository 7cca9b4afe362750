#include "service/oidc_api.h"

#include "service/api_json.h"

namespace weerbaar::service {

using http::Request;
using http::Response;

template <class Ask>
std::invoke_result_t<Ask> OidcApi::ask_provider(const Ask& ask) {
  const auto turn = at_provider_.begin();
  if (!turn) return fail(Code::kBusy, "many people log in by the provider at once: try again in a moment");
  return ask();
}

void OidcApi::add_routes(http::Router& router) {
  guard_.add_open(router, {"GET", "/api/v1/oidc/start", "oidc_start", {}, true, true},
                  [this](Request&, const http::PathArguments&) { return start(); });
  guard_.add_open(router, {"GET", "/api/v1/oidc/callback", "oidc_callback", {}, true, true},
                  [this](Request& request, const http::PathArguments&) { return callback(request); });
}

Response OidcApi::failed(const Error& error) {
  log_.often("a login by the provider failed", {{"why", std::string_view(error.text)}});
  if (error.code == Code::kDenied) return http::problem(403, error.text);
  if (error.code == Code::kBusy) return http::problem_retry(503, error.text, 1);
  return http::problem_retry(503, "the provider of logins cannot be used now: try again later", 5);
}

Response OidcApi::start() {
  const auto begun = ask_provider([this] { return login_.begin(); });
  if (!begun) return failed(begun.error());
  Response response;
  response.status = 303;
  response.fields.push_back({"Location", begun->url});
  response.fields.push_back(set_cookie(kLoginCookie, begun->cookie, "Lax"));
  return response;
}

Response OidcApi::callback(const Request& request) {
  const std::string_view query = request.query();
  people::OidcLogin::Answer answer;
  answer.code = http::query_value(query, "code").value_or("");
  answer.state = http::query_value(query, "state").value_or("");
  answer.issuer = http::query_value(query, "iss");
  answer.cookie = cookie(request, kLoginCookie);
  const auto person = ask_provider([&] { return login_.finish(answer); });
  if (!person) return failed(person.error());
  auto deed = people::new_deed(person->employee, Action::kUpdate, "roles by the provider");
  if (!deed) return failed(deed.error());
  deed->ip = request.peer;
  const auto account =
      accounts_.enter(person->issuer, person->subject, person->employee, person->roles, std::move(*deed), record_);
  if (!account) return failed(account.error());
  Response entered = people_.enter(*account, request.peer);
  if (entered.status != 200) return entered;
  // To the page, with the cookie of the session.
  entered.status = 303;
  entered.content_type.clear();
  entered.body.clear();
  entered.fields.push_back({"Location", "/"});
  entered.fields.push_back(set_cookie(kLoginCookie, "", "Lax"));
  return entered;
}

}  // namespace weerbaar::service

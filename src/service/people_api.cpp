#include "service/people_api.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "people/totp.h"
#include "service/api_json.h"
#include "service/evidence.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;

nlohmann::ordered_json json_of(const people::Account& account, const std::string& session) {
  nlohmann::ordered_json json = {{"name", account.name}, {"employee", account.employee}};
  json["roles"] = nlohmann::ordered_json::array();
  for (const people::Role role : account.roles) json["roles"].push_back(people::to_string(role));
  json["permissions"] = nlohmann::ordered_json::array();
  for (const people::Permission permission : people::all_permissions()) {
    if (people::may(account.roles, permission)) json["permissions"].push_back(people::to_string(permission));
  }
  json["must_renew"] = account.must_renew;
  json["csrf_token"] = people::csrf_token(session);
  return json;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

// The browser forgets its session.
Response forgotten_session() {
  Response response;
  response.status = 204;
  response.fields.push_back(set_cookie(kSessionCookie, ""));
  return response;
}

Response many_at_once() {
  return http::problem_retry(503, "many people log in at once: try again in a moment", 1);
}

Response slow_down(people::Attempts::Seconds wait) {
  return http::problem_retry(429, "too many attempts failed: wait, and try again", static_cast<uint32_t>(wait.count()));
}

}  // namespace

void PeopleApi::add_routes(http::Router& router) {
  guard_.add_open(router, {"POST", "/api/v1/login", "login", {}, true},
                  [this](Request& request, const http::PathArguments&) { return log_in(request); });
  guard_.add(router, {"POST", "/api/v1/logout", "logout", {}, true},
             [this](Request&, const http::PathArguments&, const Visitor& visitor) { return log_out(visitor); });
  guard_.add(router, {"GET", "/api/v1/me", "me", {}, true},
             [](Request&, const http::PathArguments&, const Visitor& visitor) {
               return json_answer(200, json_of(visitor.account, visitor.session));
             });
  guard_.add(router, {"GET", "/api/v1/me/sessions", "sessions", {}, true},
             [this](Request&, const http::PathArguments&, const Visitor& visitor) { return list_sessions(visitor); });
  guard_.add(router, {"DELETE", "/api/v1/me/sessions", "sessions_end", {}, true},
             [this](Request&, const http::PathArguments&, const Visitor& visitor) { return end_sessions(visitor); });
  guard_.add(router, {"DELETE", "/api/v1/me/sessions/{mark}", "session_end", {}, true},
             [this](Request&, const http::PathArguments& path, const Visitor& visitor) {
               return end_session(path[0], visitor);
             });
  guard_.add(
      router, {"POST", "/api/v1/me/secrets", "secrets", {}, true},
      [this](Request& request, const http::PathArguments&, const Visitor& visitor) { return renew(request, visitor); });
}

Response PeopleApi::enter(const people::Account& account, const std::string& address) {
  auto deed = people::new_deed(account.employee, Action::kLogin, "login");
  if (!deed) return failure(deed.error());
  deed->ip = address;
  if (const Status recorded = record_(*deed); !recorded) {
    log_.often("a login could not be recorded", {{"why", std::string_view(recorded.error().text)}});
    return failure(Error{Code::kStopped, ""});
  }
  const auto session = sessions_.begin(account.number);
  if (!session) return failure(session.error());
  Response response = json_answer(200, json_of(account, *session));
  response.fields.push_back(set_cookie(kSessionCookie, *session));
  return response;
}

Response PeopleApi::log_in(Request& request) {
  static constexpr std::array<std::string_view, 3> kMembers = {"name", "password", "code"};
  auto texts = read_texts(request.body, kMembers);
  if (!texts) return failure(texts.error());
  const std::string name = lower(texts->at("name")).substr(0, kNameBytesMax);
  const auto now = people::Attempts::Moment::clock::now();
  const auto shows_code = [&] { return accounts_.is_code(name, texts->at("code")); };
  if (const auto wait = attempts_.delay(name, request.peer, now, shows_code)) {
    log_.often("a login has to wait");
    return slow_down(*wait);
  }
  const auto turn = passwords_.begin();
  if (!turn) return many_at_once();
  return prove(name, texts->at("password"), texts->at("code"), request.peer);
}

Response PeopleApi::prove(const std::string& name, const std::string& password, const std::string& code,
                          const std::string& address) {
  const auto account = accounts_.prove(name, password, code);
  if (account) {
    attempts_.succeeded(name, address);
    return enter(*account, address);
  }
  if (account.error().code != Code::kDenied) {
    log_.often("a login could not be checked", {{"why", std::string_view(account.error().text)}});
    return failure(account.error());
  }
  attempts_.failed(name, address, people::Attempts::Moment::clock::now());
  log_.often("a login failed");
  return http::problem(401, account.error().text);
}

Response PeopleApi::log_out(const Visitor& visitor) {
  if (const Status ended = sessions_.end(visitor.session); !ended) return failure(ended.error());
  record_end(visitor, "logout");
  return forgotten_session();
}

// Who leaves is let go, whatever happens to the record.
void PeopleApi::record_end(const Visitor& visitor, std::string component) {
  const auto deed = new_deed(visitor, Action::kLogout, std::move(component));
  if (!deed || !record_(*deed)) log_.often("a logout could not be recorded");
}

Response PeopleApi::list_sessions(const Visitor& visitor) {
  const auto sessions = sessions_.list(visitor.account.number, visitor.session);
  if (!sessions) return failure(sessions.error(), log_);
  nlohmann::ordered_json json = {{"items", nlohmann::ordered_json::array()}};
  for (const people::Session& session : *sessions) {
    json["items"].push_back({{"mark", session.mark},
                             {"begun_at", format_time(Time{session.begun_at, 0})},
                             {"used_at", format_time(Time{session.used_at, 0})},
                             {"is_this", session.is_this}});
  }
  return json_answer(200, json);
}

Response PeopleApi::end_session(std::string_view mark, const Visitor& visitor) {
  if (const Status ended = sessions_.end_marked(visitor.account.number, mark); !ended) {
    return failure(ended.error(), log_);
  }
  record_end(visitor, "session end");
  Response response;
  response.status = 204;
  return response;
}

Response PeopleApi::end_sessions(const Visitor& visitor) {
  if (const Status ended = sessions_.end_all(visitor.account.number); !ended) return failure(ended.error(), log_);
  record_end(visitor, "session end");
  return forgotten_session();
}

Response PeopleApi::renew(Request& request, const Visitor& visitor) {
  static constexpr std::array<std::string_view, 2> kMembers = {"password", "new_password"};
  auto texts = read_texts(request.body, kMembers);
  if (!texts) return failure(texts.error());
  if (!visitor.account.subject.empty())
    return http::problem(403, "your password is kept by the provider you log in with");
  const auto now = people::Attempts::Moment::clock::now();
  // Who has a session has shown both.
  const auto is_known = [] { return true; };
  if (const auto wait = attempts_.delay(visitor.account.name, request.peer, now, is_known)) return slow_down(*wait);
  const auto turn = passwords_.begin();
  if (!turn) return many_at_once();
  auto deed = people::new_deed(visitor.account.employee, Action::kUpdate, "renew secrets");
  if (!deed) return failure(deed.error());
  deed->ip = visitor.address;
  const auto secret = accounts_.renew(visitor.account.number, texts->at("password"), texts->at("new_password"),
                                      std::move(*deed), record_);
  if (!secret) {
    if (secret.error().code == Code::kDenied) attempts_.failed(visitor.account.name, request.peer, now);
    return failure(secret.error());
  }
  const auto bytes = people::from_base32(*secret);
  if (!bytes) return failure(bytes.error());
  // All sessions ended, this one too.
  Response response = json_answer(
      200, {{"otpauth_uri", people::otpauth_uri(visitor.account.name, name_, *bytes)}, {"log_in", "again"}});
  response.fields.push_back(set_cookie(kSessionCookie, ""));
  return response;
}

}  // namespace weerbaar::service

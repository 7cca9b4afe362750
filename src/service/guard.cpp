#include "service/guard.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "service/metrics.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;

bool changes(const Door& door) {
  return door.method != "GET";
}

// Whether a browser says that the request was made by a page of this server, or by no page; other clients say nothing.
bool is_of_this_site(const Request& head, bool changing) {
  const std::string_view site = head.field("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && (changing || site != "none")) return false;
  const std::string_view origin = head.field("origin");
  if (origin.empty()) return true;
  const size_t mark = origin.find("://");
  return mark != std::string_view::npos && origin.substr(mark + 3) == head.field("host");
}

bool has_body(const Request& head) {
  const std::string_view length = head.field("content-length");
  return (!length.empty() && length != "0") || !head.field("transfer-encoding").empty();
}

bool is_json(const Request& head) {
  const std::string_view type = head.field("content-type");
  return type.substr(0, type.find(';')) == "application/json";
}

size_t body_bytes_of(const Door& door) {
  return changes(door) ? kPeopleBodyBytesMax : 0;
}

// What is checked before the body proves nobody: the sessions are in a database.
std::expected<std::string, Response> unproved(std::optional<Response> refusal) {
  if (refusal) return std::unexpected(std::move(*refusal));
  return std::string();
}

void form_protected([[maybe_unused]] const Request& head, Response& refusal) {
  refusal = protect(std::move(refusal));
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string cookie(const Request& request, std::string_view name) {
  std::string value;
  bool found = false;
  for (const http::Field& field : request.fields) {
    if (field.name != "cookie") continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(';'), rest.size());
      std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) return {};
      found = true;
      value = pair.substr(equals + 1);
    }
  }
  return value;
}

http::Field set_cookie(std::string_view name, std::string_view value, std::string_view same_site) {
  return {"Set-Cookie", fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite={}{}", name, value, same_site,
                                    value.empty() ? "; Max-Age=0" : "")};
}

Response protect(Response response, std::string_view content_policy) {
  response.fields.push_back({"Content-Security-Policy", std::string(content_policy)});
  response.fields.push_back({"Referrer-Policy", "no-referrer"});
  response.fields.push_back({"X-Frame-Options", "DENY"});
  response.fields.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  return response;
}

Response Guard::refuse(int status, const Door& door, std::string_view why) {
  log_.often("a person was refused", {{"route", door.name}, {"status", int64_t{status}}, {"why", why}});
  return protect(http::problem(status, why));
}

std::optional<Response> Guard::check_head(const Request& head, const Door& door) {
  if (!door.from_elsewhere && !is_of_this_site(head, changes(door)))
    return refuse(403, door, "the request was made by another site");
  if (!head.field("content-encoding").empty())
    return refuse(415, door, "the body is to be sent as it is, not compressed");
  if (changes(door) && has_body(head) && !is_json(head)) {
    return refuse(415, door, "the body is to be JSON: Content-Type application/json");
  }
  return std::nullopt;
}

// Of the cookie and the token only what needs no database.
std::optional<Response> Guard::check_session_fields(const Request& head, const Door& door) {
  if (auto refusal = check_head(head, door)) return refusal;
  const std::string id = cookie(head, kSessionCookie);
  if (id.size() != people::kSessionIdDigits) return refuse(401, door, "log in first: POST /api/v1/login");
  if (changes(door) && !same(head.field(kCsrfField), people::csrf_token(id))) {
    return refuse(403, door, "the field X-CSRF-Token is to hold the token that login and /api/v1/me give");
  }
  return std::nullopt;
}

std::expected<Visitor, Response> Guard::admit(const Request& request, const Door& door) {
  if (auto refusal = check_session_fields(request, door)) return std::unexpected(std::move(*refusal));
  std::string id = cookie(request, kSessionCookie);
  auto account = sessions_.find(id);
  if (!account && account.error().code == Code::kDenied) {
    Response refusal = refuse(401, door, "log in first: there is no session, or it ended");
    refusal.fields.push_back(set_cookie(kSessionCookie, ""));
    return std::unexpected(std::move(refusal));
  }
  if (!account) {
    log_.often("people cannot be looked up", {{"why", std::string_view(account.error().text)}});
    return std::unexpected(refuse(503, door, "it cannot be found out now who you are: try again later"));
  }
  if (account->must_renew && !door.before_renewal) {
    return std::unexpected(refuse(403, door, "choose a password of your own first: POST /api/v1/me/secrets"));
  }
  if (door.permission && !people::may(account->roles, *door.permission)) {
    return std::unexpected(refuse(403, door, "none of your roles gives the permission that this needs"));
  }
  return Visitor{std::move(*account), std::move(id), request.peer};
}

void Guard::add(http::Router& router, const Door& door, Answer answer) {
  doors_.push_back(door);
  router.add({door.method, door.path, kPeopleRoute,
              [this, door, answer = std::move(answer)](Request& request, const http::PathArguments& arguments) {
                auto visitor = admit(request, door);
                if (!visitor) return std::move(visitor.error());
                return protect(answer(request, arguments, *visitor));
              },
              [this, door](const Request& head) { return unproved(check_session_fields(head, door)); },
              body_bytes_of(door), form_protected});
}

void Guard::add_open(http::Router& router, const Door& door,
                     std::function<Response(Request&, const http::PathArguments&)> answer) {
  router.add({door.method, door.path, door.name,
              [answer = std::move(answer)](Request& request, const http::PathArguments& arguments) {
                return protect(answer(request, arguments));
              },
              [this, door](const Request& head) { return unproved(check_head(head, door)); }, body_bytes_of(door),
              form_protected});
}

}  // namespace weerbaar::service

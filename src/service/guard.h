// Who comes in by the API for people: every request is checked here, before anything else sees it.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.h"
#include "people/sessions.h"
#include "service/json_log.h"

namespace weerbaar::service {

// The browser sends it back over TLS only, to this host and path only, and never for another site.
inline constexpr std::string_view kSessionCookie = "__Host-weerbaar";
// In lower case, as requests have it.
inline constexpr std::string_view kCsrfField = "x-csrf-token";
inline constexpr size_t kPeopleBodyBytesMax = 64 * 1024;

struct Visitor {
  people::Account account;
  std::string session;  // its id
  std::string address;
};

// What stands behind a door.
struct Door {
  std::string_view method;
  std::string_view path;
  std::string_view name;
  std::optional<people::Permission> permission;  // nothing: whoever is logged in
  bool before_renewal = false;                   // open to an account that has to renew its password first
  bool from_elsewhere = false;  // another site may send the browser here: it changes nothing that counts
};

// Thread-safe.
class Guard {
 public:
  // Both must outlive it.
  Guard(people::Sessions& sessions, JsonLog& log) : sessions_(sessions), log_(log) {}

  using Answer = std::function<http::Response(http::Request&, const http::PathArguments&, const Visitor&)>;
  // A route that only they reach who may. It must outlive the router.
  void add(http::Router& router, const Door& door, Answer answer);
  // A route before login: what can be checked without a session is.
  void add_open(http::Router& router, const Door& door,
                std::function<http::Response(http::Request&, const http::PathArguments&)> answer);

  // Who it is, when the session lives and a role of the account has the permission; else the refusal: 401 for who is
  // not logged in, 403 for who may not, 503 when that cannot be found out now. May wait.
  std::expected<Visitor, http::Response> admit(const http::Request& request, const Door& door);

  // All that add() was given: who may what.
  [[nodiscard]] const std::vector<Door>& doors() const { return doors_; }

 private:
  std::optional<http::Response> check_head(const http::Request& head, const Door& door);
  std::optional<http::Response> check_session_fields(const http::Request& head, const Door& door);
  http::Response refuse(int status, const Door& door, std::string_view why);

  people::Sessions& sessions_;
  JsonLog& log_;
  std::vector<Door> doors_;
};

// The value of a cookie; empty when there is none, or two of that name.
std::string cookie(const http::Request& request, std::string_view name);
// "__Host-…=…; Path=/; Secure; HttpOnly; SameSite=Strict"; without a value: the browser forgets it.
http::Field set_cookie(std::string_view name, std::string_view value, std::string_view same_site = "Strict");
// What data is: nothing that a browser may run, show or load.
inline constexpr std::string_view kDataPolicy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// With what keeps a browser from showing, framing or sharing it. `content_policy`: for Content-Security-Policy.
http::Response protect(http::Response response, std::string_view content_policy = kDataPolicy);

}  // namespace weerbaar::service

// All of the API of the server, held against its OpenAPI document: which routes there are, and who may what. A route
// that is not in the document fails the tests, and so does one that lets in another role.
#include "server/people_service.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "server/people_service_testing.h"

namespace weerbaar::server::testing {
namespace {

using ::testing::Contains;

std::set<std::string> roles_of(const Operation& operation) {
  return (*operation.said)["x-roles"].get<std::set<std::string>>();
}

// The addresses that any source of an API names: of one that this test does not make too.
// A path of the router, as the document writes it.
std::string in_document(std::string path) {
  constexpr std::string_view kAllThatFollows = "...}";
  if (path.ends_with(kAllThatFollows)) path.replace(path.size() - kAllThatFollows.size(), kAllThatFollows.size(), "}");
  return path;
}

std::set<std::string> paths_in_sources() {
  static const std::regex kPath(R"re("(/|/(api/v1|v1|access|\.well-known|health|ready|metrics|log)[^"?]*)")re");
  std::set<std::string> paths;
  for (const char* const folder : {"/src/service", "/src/server"}) {
    for (const auto& file : std::filesystem::directory_iterator(std::string(WEERBAAR_SOURCE_DIR) + folder)) {
      if (!file.path().string().ends_with("_api.cpp")) continue;
      std::ifstream stream(file.path());
      const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
      for (std::sregex_iterator at(text.begin(), text.end(), kPath), end; at != end; ++at) {
        std::string path = in_document((*at)[1]);
        if (path.size() > 1 && path.ends_with('/')) path.pop_back();
        paths.insert(path);
      }
    }
  }
  return paths;
}

TEST_F(ApiTest, the_document_has_every_route_and_every_route_is_in_the_document) {
  std::set<std::string> documented;
  std::set<std::string> paths;
  for (const Operation& operation : operations_of_document_) {
    documented.insert(operation.method + " " + operation.path);
    paths.insert(operation.path);
  }
  std::set<std::string> in_router;
  for (const http::Route& route : router_.routes()) {
    in_router.insert(std::string(route.method) + " " + in_document(std::string(route.path)));
  }
  EXPECT_EQ(documented, in_router) << "docs/api/openapi.json and the routes differ";
  EXPECT_EQ(paths_in_sources(), paths) << "an API has a route that this test does not make, or none has it";
}

TEST_F(ApiTest, the_document_says_who_may_as_the_program_does) {
  std::map<std::string, std::optional<people::Permission>> doors;
  for (const service::Door& door : people_->guard.doors()) {
    doors[std::string(door.method) + " " + std::string(door.path)] = door.permission;
  }
  for (const Operation& operation : operations_of_document_) {
    const auto door = doors.find(operation.method + " " + operation.path);
    const std::set<std::string> said = roles_of(operation);
    if (door == doors.end()) {
      EXPECT_THAT(
          said, ::testing::AnyOf(Contains("anybody"), Contains("source"), Contains("application"), Contains("mirror")));
      continue;
    }
    std::set<std::string> may;
    if (!door->second) may.insert("logged-in");
    for (const Role role : people::all_roles()) {
      if (door->second && people::may(role, *door->second)) may.emplace(to_string(role));
    }
    EXPECT_EQ(said, may) << operation.path;
    EXPECT_EQ(operation.said->value("x-permission", ""), door->second ? to_string(*door->second) : "")
        << operation.path;
  }
}

TEST_F(ApiTest, every_request_lets_in_exactly_the_roles_that_may) {
  std::map<std::string, std::string> sessions = {{"nobody", enter("nobody", "u100", {})}};
  for (const Role role : people::all_roles()) {
    const std::string name(to_string(role));
    sessions[name] = enter(name, "of-" + name, {role});
  }
  for (const Operation& operation : operations_of_document_) {
    // It ends the session; and the answer of the provider is only for the browser that began.
    if (operation.id() == "logOut" || operation.id() == "finishOidc") continue;
    const std::set<std::string> may = roles_of(operation);
    const std::string target = target_of(operation);
    const auto lets_in = [&](const std::string& session) {
      const int status = ask(operation.method, target, session, body_of(operation)).status;
      return status != 401 && status != 403;
    };
    const bool is_open = may.contains("anybody");
    EXPECT_EQ(lets_in(""), is_open) << operation.id() << " without a session";
    for (const auto& [name, session] : sessions) {
      EXPECT_EQ(lets_in(session), is_open || may.contains("logged-in") || may.contains(name))
          << operation.id() << " as " << name;
    }
  }
  EXPECT_EQ(ask("GET", "/api/v1/oidc/callback?code=1&state=2", sessions["auditor"]).status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/logout", "").status, 401);
  for (const auto& [name, session] : sessions) EXPECT_EQ(ask("POST", "/api/v1/logout", session).status, 204) << name;
}

TEST_F(ApiTest, an_expired_session_a_missing_token_and_another_site_are_refused_everywhere) {
  const people::Account first = make("first", "u50", {Role::kAnalyst});
  const std::string fresh = *sessions_->begin(first.number);
  std::map<std::string, std::string> sessions;
  for (const Role role : people::all_roles()) {
    const std::string name(to_string(role));
    sessions[name] = enter(name, "of-" + name, {role});
  }
  const auto check = [&](const Operation& operation, std::string_view what, int expected, http::Request made) {
    EXPECT_EQ(answer(std::move(made)).status, expected) << operation.id() << ": " << what;
  };
  std::vector<std::pair<const Operation*, std::string>> guarded;
  for (const Operation& operation : operations_of_document_) {
    const std::set<std::string> may = roles_of(operation);
    if (!operation.is_of_people() || may.contains("anybody")) continue;
    guarded.emplace_back(&operation, sessions.at(may.contains("logged-in") ? "auditor" : *may.begin()));
  }
  ASSERT_GT(guarded.size(), 20U);
  for (const auto& [operation, session] : guarded) {
    const http::Request right = request(operation->method, target_of(*operation), session, body_of(*operation));
    if (operation->method != "GET") {
      http::Request without = right;
      std::erase_if(without.fields, [](const http::Field& one) { return one.name == "x-csrf-token"; });
      check(*operation, "without its token", 403, without);
      without.fields.push_back({"x-csrf-token", people::csrf_token(fresh)});
      check(*operation, "with the token of another session", 403, without);
    }
    http::Request from_elsewhere = right;
    from_elsewhere.fields.push_back({"origin", "https://evil.example"});
    check(*operation, "from another site", 403, from_elsewhere);
    http::Request forged = right;
    for (http::Field& one : forged.fields) {
      if (one.name == "cookie") one.value.back() = one.value.back() == '0' ? '1' : '0';
    }
    EXPECT_THAT((std::set<int>{401, 403}), Contains(answer(forged).status)) << operation->id() << ": forged session";
    const bool before_renewal =
        operation->id() == "logOut" || operation->id() == "getMe" || operation->id() == "renewSecrets";
    if (!before_renewal) {
      check(*operation, "before the password is one's own", 403,
            request(operation->method, target_of(*operation), fresh, body_of(*operation)));
    }
  }
  now_ += people::kSessionIdleMicros + kMicrosPerSecond;
  for (const auto& [operation, session] : guarded) {
    check(*operation, "with a session that ended", 401,
          request(operation->method, target_of(*operation), session, body_of(*operation)));
  }
}

TEST_F(ApiTest, a_path_leads_nowhere_else_whatever_stands_in_it) {
  std::map<std::string, std::string> sessions;
  for (const Role role : people::all_roles()) {
    const std::string name(to_string(role));
    sessions[name] = enter(name, "of-" + name, {role});
  }
  size_t tried = 0;
  for (const Operation& operation : operations_of_document_) {
    if (operation.path.find('{') == std::string::npos) continue;
    const std::string role = *roles_of(operation).begin();
    const std::string session = sessions.contains(role) ? sessions.at(role) : "";
    for (const char* const hostile :
         {"..%2F..%2Fpeople.db", "%2e%2e", "..", "1%00", "1%2F..%2F1", "%2Fetc%2Fpasswd", "-1", "18446744073709551616",
          "1e3", "%27%20OR%201%3D1", "%3Cscript%3E", "%F0%9F%98%80", "2026-13", "9999-01", "..%5C..%5C"}) {
      const std::map<std::string, std::string> values = {
          {"number", hostile}, {"month", hostile}, {"name", hostile}, {"role", hostile}, {"path", hostile}};
      const std::string body = operation.id() == "giveRole" ? R"({"role":"analyst"})"
                               : operation.method == "POST" && operation.said->contains("requestBody")
                                   ? R"({"justified":true,"remark":""})"
                                   : "";
      const http::Response response = ask(operation.method, target_of(operation, values), session, body);
      EXPECT_EQ(response.status, role == "mirror" ? 401 : 404)
          << operation.id() << " with " << hostile << ": " << response.body;
      EXPECT_EQ(response.content_type, "application/problem+json");
      EXPECT_EQ(response.body.find("passwd"), std::string::npos);
      EXPECT_EQ(response.body.find("script"), std::string::npos);
      ++tried;
    }
  }
  EXPECT_GT(tried, 100U);
}

}  // namespace
}  // namespace weerbaar::server::testing

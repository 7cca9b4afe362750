#include "http/router.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weerbaar::http {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    router_.add({"GET", "/people", "people", answer("list"), {}});
    router_.add({"POST", "/people", "people", answer("made"), {}});
    router_.add({"GET", "/people/{id}/cases/{case}", "cases", answer("cases"), {}});
    router_.add({"GET", "/tile/entries/{path...}", "entries", answer("entries"), {}});
    router_.add({"GET", "/tile/{path...}", "tile", answer("tile"), {}});
    router_.add({"GET", "/secret", "secret", answer("secret"),
                 [](const Request&) { return std::unexpected(problem(403, "no")); }});
  }
  static std::function<Response(Request&, const PathArguments&)> answer(std::string text) {
    return [text](Request&, const PathArguments& arguments) {
      Response response;
      response.body = text;
      for (const std::string& argument : arguments) response.body += "|" + argument;
      return response;
    };
  }
  Response ask(const std::string& method, const std::string& target) {
    Request request;
    request.method = method;
    request.target = target;
    if (auto admitted = router_.admit(request); !admitted) return admitted.error();
    return router_.handle(request);
  }

  Router router_;
};

TEST_F(RouterTest, a_refusal_of_the_server_gets_the_form_of_its_route) {
  router_.add({"POST", "/formed/{id}", "formed", answer("x"), {}, 0, [](const Request& head, Response& refusal) {
                 refusal.body = head.target + "|" + std::to_string(refusal.status);
               }});
  const auto formed = [&](const std::string& method, const std::string& target) {
    Request request;
    request.method = method;
    request.target = target;
    Response refusal = problem(413, "large");
    router_.form(request, refusal);
    return refusal.body;
  };
  EXPECT_EQ(formed("POST", "/formed/7"), "/formed/7|413");
  for (const char* const other : {"/people", "/nowhere", "", "*", "/formed/%"}) {
    EXPECT_EQ(formed("POST", other), problem(413, "large").body) << other;
  }
  EXPECT_EQ(formed("", ""), problem(413, "large").body);
}

TEST_F(RouterTest, a_request_goes_to_the_route_of_its_method_and_path) {
  EXPECT_EQ(ask("GET", "/people").body, "list");
  EXPECT_EQ(ask("HEAD", "/people?x=1").body, "list");
  EXPECT_EQ(ask("POST", "/people").body, "made");
  EXPECT_EQ(ask("POST", "/people").route, "people");
}

TEST_F(RouterTest, segments_in_braces_are_decoded_and_handed_on) {
  EXPECT_EQ(ask("GET", "/people/u1/cases/Z-1").body, "cases|u1|Z-1");
  EXPECT_EQ(ask("GET", "/people/a%2Fb%20c/cases/%C3%A9+").body, "cases|a/b c|\xC3\xA9+");
}

TEST_F(RouterTest, all_that_follows_is_one_argument_and_the_first_route_that_fits_answers) {
  EXPECT_EQ(ask("GET", "/tile/0/x001/000.p/7").body, "tile|0/x001/000.p/7");
  EXPECT_EQ(ask("GET", "/tile/0").body, "tile|0");
  EXPECT_EQ(ask("GET", "/tile/%2E%2E/x").body, "tile|../x");
  EXPECT_EQ(ask("GET", "/tile/entries/000").body, "entries|000");
  EXPECT_EQ(ask("GET", "/tile/entries").body, "tile|entries");
  EXPECT_EQ(ask("GET", "/tile/").status, 404);
  EXPECT_EQ(ask("GET", "/tile").status, 404);
  EXPECT_EQ(ask("POST", "/tile/entries/000").fields[0].value, "GET, HEAD");
}

TEST_F(RouterTest, nothing_else_is_found) {
  for (const char* const target :
       {"/", "/people/", "//people", "/people/u1/cases", "/people/u1/cases/", "/people//cases/Z", "/people/u1/cases/Z/",
        "/people/u1/case/Z", "/People", "*", "/%70eople"}) {
    EXPECT_EQ(ask("GET", target).status, 404) << target;
  }
}

TEST_F(RouterTest, another_method_is_told_which_there_are) {
  const Response response = ask("DELETE", "/people");
  EXPECT_EQ(response.status, 405);
  ASSERT_EQ(response.fields.size(), 1U);
  EXPECT_EQ(response.fields[0].name, "Allow");
  EXPECT_EQ(response.fields[0].value, "GET, HEAD, POST");
  EXPECT_EQ(ask("HEAD", "/secret").status, 403);
}

TEST_F(RouterTest, a_bad_escape_is_refused) {
  for (const char* const target :
       {"/people/%/cases/Z", "/people/%4/cases/Z", "/people/u/cases/%zz", "/people/u/cases/Z%"}) {
    EXPECT_EQ(ask("GET", target).status, 400) << target;
  }
}

TEST_F(RouterTest, who_is_not_admitted_is_refused_under_the_name_of_the_route) {
  EXPECT_EQ(ask("GET", "/secret").status, 403);
  EXPECT_EQ(ask("GET", "/secret").route, "secret");
}

TEST_F(RouterTest, a_route_says_how_large_a_body_may_be_and_who_sends_it) {
  const auto token = [](const Request& head) -> std::expected<std::string, Response> {
    return std::string(head.field("authorization"));
  };
  router_.add({"POST", "/taken", "taken", answer("x"), token, kBodyBytesOfServer});
  const auto admit = [&](const std::string& method, const std::string& target, const std::string& sender) {
    Request request;
    request.method = method;
    request.target = target;
    request.fields = {{"authorization", sender}};
    return router_.admit(request).value_or(Admission{"refused", 1});
  };
  EXPECT_EQ(admit("POST", "/taken", "a").body_bytes_max, kBodyBytesOfServer);
  EXPECT_EQ(admit("POST", "/taken", "a").sender, "a");
  EXPECT_EQ(admit("POST", "/taken", "").body_bytes_max, kBodyBytesOfUnknownMax) << "anybody can come so";
  for (const char* const method : {"GET", "HEAD", "POST"}) {
    EXPECT_EQ(admit(method, "/people", "a").body_bytes_max, 0U);
    EXPECT_EQ(admit(method, "/people", "a").sender, "") << "it asks nobody who he is";
  }
}

TEST_F(RouterTest, every_answer_below_a_mark_carries_it_refusals_too) {
  router_.mark("/people/", {"API-Version", "1"});
  const auto is_marked = [](const Response& response) {
    return std::ranges::any_of(response.fields, [](const Field& field) { return field.name == "API-Version"; });
  };
  EXPECT_TRUE(is_marked(ask("GET", "/people/u/cases/Z")));
  EXPECT_TRUE(is_marked(ask("GET", "/people/none/of/that/kind")));
  EXPECT_TRUE(is_marked(ask("DELETE", "/people/u/cases/Z")));
  EXPECT_FALSE(is_marked(ask("GET", "/secret")));
  Request request;
  request.method = "GET";
  request.target = "/people/u/cases/Z";
  Response refusal = problem(429, "often");
  router_.form(request, refusal);
  EXPECT_TRUE(is_marked(refusal)) << "what the server refuses by itself";
  EXPECT_EQ(refusal.route, "cases");
}

TEST(QueryValue, values_are_decoded) {
  EXPECT_EQ(query_value("a=1&b=two+words%21&c", "b"), "two words!");
  EXPECT_EQ(query_value("a=1&b=2&a=3", "a"), "1");
  EXPECT_EQ(query_value("a=1&c", "c"), "");
  EXPECT_EQ(query_value("%61=1", "a"), "1");
  EXPECT_EQ(query_value("a=x=y", "a"), "x=y");
}

TEST(QueryValue, what_is_not_there_or_badly_escaped_is_nothing) {
  EXPECT_EQ(query_value("", "a"), std::nullopt);
  EXPECT_EQ(query_value("b=1", "a"), std::nullopt);
  EXPECT_EQ(query_value("a=%g0", "a"), std::nullopt);
}

}  // namespace
}  // namespace weerbaar::http

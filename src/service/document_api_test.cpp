#include "service/document_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "service/document_testing.h"

namespace weerbaar::service {
namespace {

Document document() {
  return Document::parse(api_document());
}

std::string field(const http::Response& response, std::string_view name) {
  for (const http::Field& one : response.fields) {
    if (one.name == name) return one.value;
  }
  return {};
}

class DocumentApiTest : public ::testing::Test {
 protected:
  void SetUp() override { api_.add_routes(router_); }
  http::Response ask(const std::string& target, const std::string& method = "GET") {
    http::Request request;
    request.method = method;
    request.target = target;
    if (auto admitted = router_.admit(request); !admitted) return admitted.error();
    return router_.handle(request);
  }
  DocumentApi api_;
  http::Router router_;
};

TEST(ApiDocument, is_whole_and_obeys_the_design_rules) {
  EXPECT_THAT(problems_of(document()), ::testing::IsEmpty());
  EXPECT_EQ(document()["info"]["version"], kApiVersion);
}

// Each breaks one rule, and is caught.
TEST(ApiDocument, is_refused_when_it_is_broken) {
  const std::vector<std::function<void(Document&)>> canaries = {
      [](Document& d) { d["openapi"] = "3.0.2"; },
      [](Document& d) { d["info"]["version"] = "2.0.0"; },
      [](Document& d) { d["info"]["version"] = "1"; },
      [](Document& d) { d["info"].erase("contact"); },
      [](Document& d) { d["info"]["contact"].erase("email"); },
      [](Document& d) { d["info"].erase("license"); },
      [](Document& d) { d["paths"]["/mandates/{number}"]["get"]["responses"].erase("400"); },
      [](Document& d) { d["paths"]["/logout"]["post"]["responses"].erase("400"); },
      [](Document& d) { d["components"]["schemas"]["Report"]["description"] = "docs/formats/report.md"; },
      [](Document& d) { d["components"]["schemas"]["Access"]["properties"]["actor"] = {{"type", "object"}}; },
      [](Document& d) { d["components"]["schemas"].erase("Mandate"); },
      [](Document& d) { d["components"]["parameters"].erase("limit"); },
      [](Document& d) { d["components"]["securitySchemes"].erase("csrf"); },
      [](Document& d) { d["components"]["responses"]["Forbidden"]["headers"].erase("API-Version"); },
      [](Document& d) {
        Document& content = d["components"]["responses"]["Forbidden"]["content"];
        content["application/json"] = content["application/problem+json"];
        content.erase("application/problem+json");
      },
      [](Document& d) { d["paths"]["/me/"] = d["paths"]["/me"]; },
      [](Document& d) {
        d["paths"]["/processing_activities"] = d["paths"]["/processing-activities"];
        d["paths"].erase("/processing-activities");
      },
      [](Document& d) { d["paths"]["/me"]["get"]["operationId"] = "listMandates"; },
      [](Document& d) { d["paths"]["/me"]["get"].erase("operationId"); },
      [](Document& d) { d["paths"]["/me"]["get"].erase("x-roles"); },
      [](Document& d) { d["paths"]["/me"]["get"].erase("summary"); },
      [](Document& d) { d["paths"]["/me"]["get"]["tags"] = {"None"}; },
      [](Document& d) { d["paths"]["/me"]["get"]["security"] = Document::array(); },
      [](Document& d) { d["paths"]["/me"]["get"]["responses"].erase("200"); },
      [](Document& d) { d["paths"]["/me"]["get"]["requestBody"] = Document::object(); },
      [](Document& d) { d["paths"]["/logout"]["post"]["security"][0].erase("csrf"); },
      [](Document& d) { d["paths"]["/mandates/{number}"]["get"]["parameters"].clear(); },
      [](Document& d) { d["paths"]["/decisions"]["get"]["parameters"][0]["name"] = "to_review"; },
      [](Document& d) {
        d["paths"]["/decisions"]["get"]["parameters"].push_back(
            {{"name", "by"}, {"in", "query"}, {"description", "An employee"}, {"schema", {{"type", "string"}}}});
      },
  };
  for (size_t i = 0; i < canaries.size(); ++i) {
    Document broken = document();
    canaries[i](broken);
    EXPECT_THAT(problems_of(broken), ::testing::Not(::testing::IsEmpty())) << "canary " << i;
  }
}

TEST(ApiDocument, no_address_has_free_text_that_could_name_an_employee_or_a_citizen) {
  const Document all = document();
  size_t seen = 0;
  for (const Operation& operation : operations_of(all)) {
    for (const Document& said : operation.said->value("parameters", Document::array())) {
      Problems problems;
      check_address(all, operation, *whole(all, said), problems);
      EXPECT_THAT(problems, ::testing::IsEmpty());
      ++seen;
    }
  }
  EXPECT_GT(seen, 20U);
}

TEST(ApiDocument, a_value_that_is_not_as_its_schema_says_is_seen) {
  const Document all = document();
  const Document schema = {{"$ref", "#/components/schemas/Account"}};
  const Document right = {
      {"name", "a"}, {"employee", "e"}, {"roles", {"analyst"}}, {"disabled", false}, {"must_renew", true}};
  const auto problems = [&](const Document& value) {
    Problems found;
    differences(all, schema, value, "", found);
    return found;
  };
  EXPECT_THAT(problems(right), ::testing::IsEmpty());
  for (const char* const member : {"name", "employee", "roles", "disabled"}) {
    Document wrong = right;
    wrong.erase(member);
    EXPECT_THAT(problems(wrong), ::testing::SizeIs(1)) << member;
    wrong[member] = 7;
    EXPECT_THAT(problems(wrong), ::testing::SizeIs(1)) << member;
  }
  Document more = right;
  more["password"] = "x";
  more["roles"].push_back("root");
  EXPECT_THAT(problems(more), ::testing::SizeIs(2));
}

TEST_F(DocumentApiTest, gives_the_document_to_any_site_and_the_page_to_browsers) {
  const http::Response document = ask("/api/v1/openapi.json");
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(document.content_type, "application/json");
  EXPECT_EQ(document.body, api_document());
  EXPECT_EQ(field(document, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(field(document, "Cross-Origin-Resource-Policy"), "cross-origin");
  const http::Response page = ask("/api/v1/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(field(page, "Access-Control-Allow-Origin"), "");
  const std::string policy = field(page, "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'sha256-")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

TEST_F(DocumentApiTest, sends_who_asks_for_the_server_alone_to_the_page_and_nobody_else) {
  const http::Response sent = ask("/");
  EXPECT_EQ(sent.status, 303);
  EXPECT_EQ(field(sent, "Location"), "/api/v1/docs");
  EXPECT_EQ(sent.body, "");
  EXPECT_EQ(ask("/", "POST").status, 405);
  EXPECT_EQ(ask("/index.html").status, 404);
}

TEST_F(DocumentApiTest, every_answer_of_the_api_says_its_version_refusals_too) {
  for (const char* const target : {"/api/v1/openapi.json", "/api/v1/docs", "/api/v1/nothing", "/api/v1/docs/"}) {
    EXPECT_EQ(field(ask(target), "API-Version"), kApiVersion) << target;
  }
  EXPECT_EQ(field(ask("/api/v1/docs", "DELETE"), "API-Version"), kApiVersion);
  EXPECT_EQ(ask("/api/v1/docs/").status, 404) << "one address for one thing";
  EXPECT_EQ(field(ask("/health"), "API-Version"), "");
}

}  // namespace
}  // namespace weerbaar::service

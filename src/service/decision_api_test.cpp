#include "service/decision_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "examine/purpose/policy.h"
#include "os/faulty.h"
#include "register/schema.h"
#include "service/document_api.h"
#include "service/document_testing.h"
#include "trail/store/records.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

using nlohmann::json;

class DecisionApiTest : public trail::testing::TrailFixture {
 protected:
  void SetUp() override {
    TrailFixture::SetUp();
    writer_ =
        std::make_unique<EventWriter>(open(), [this] { return trail::Trail::open(options(), trail::Access::kAppend); });
    api_ = std::make_unique<DecisionApi>(point_, *writer_, *keys_, metrics_, log_);
    api_->add_routes(router_);
    token_ = make_token().value();
    other_token_ = make_token().value();
    api_->use_applications(std::make_shared<Applications>(
                               std::vector<Application>{{"web", token_hash(token_), "CN=web,O=Example", {"BVR"}},
                                                        {"all", token_hash(other_token_), "", {"BVR", "X"}}}),
                           "");
    point_.use(knowledge(7));
  }

  static std::shared_ptr<const decide::Knowledge> knowledge(uint64_t import, bool with_case = true) {
    auto rules = purpose::check_rules({1, "test", "2026-03-01", "test", purpose::standard_policy_rules()}).value();
    auto facts = std::make_unique<purpose::FactBase>();
    decide::Knowledge::want(rules, *facts);
    const auto add = [&](std::string_view table, const std::vector<std::string>& values) {
      facts::Fact fact;
      fact.values.assign(values.begin(), values.end());
      WEERBAAR_CHECK(facts->add(*facts::find_table(table), fact).has_value());
    };
    add("authorisation", {"e1", "BVR", "raadplegen"});
    add("person", {"bsn:123456782", "", "", ""});
    add("case", {"Z-1", "inning", ""});
    add("case_employee", {"Z-1", "e1"});
    if (with_case) add("case_subject", {"Z-1", "bsn:111222333", ""});
    add("shielded", {"bsn:999990007", ""});
    return std::make_shared<const decide::Knowledge>(
        std::move(rules), std::move(facts),
        decide::DecisionPolicy::read(decide::standard_decision_policy(), "p").value(),
        decide::Versions{import, 1, "aa", 2, "bb"});
  }

  static json question(const std::string& person = "111222333") {
    return {{"subject", {{"type", "employee"}, {"id", "e1"}}},
            {"action", {{"name", "read"}}},
            {"resource", {{"type", "bsn"}, {"id", person}}}};
  }
  static json batch(const std::vector<std::string>& persons) {
    json made = question();
    made["evaluations"] = json::array();
    for (const std::string& person : persons) {
      made["evaluations"].push_back({{"resource", {{"type", "bsn"}, {"id", person}}}});
    }
    return made;
  }
  http::Request request(const std::string& path, std::string body) const {
    http::Request made;
    made.method = "POST";
    made.target = path;
    made.fields = {{"authorization", "Bearer " + token_},
                   {"content-type", "application/json; charset=utf-8"},
                   {"x-request-id", "bfe9eb29"},
                   {"host", "pdp.example.com"}};
    made.body = std::move(body);
    return made;
  }
  http::Response answer(http::Request made) {
    if (auto admitted = router_.admit(made); !admitted) return admitted.error();
    return router_.handle(made);
  }
  http::Response ask(const json& body, const std::string& path = "/access/v1/evaluation") {
    return answer(request(path, body.dump()));
  }
  http::Response ask_all(const json& body) { return ask(body, "/access/v1/evaluations"); }
  static std::string field(const http::Response& response, std::string_view name) {
    for (const http::Field& one : response.fields) {
      if (one.name == name) return one.value;
    }
    return {};
  }
  static std::string decisions(const http::Response& response) {
    std::string all;
    const json body = json::parse(response.body);
    for (const json& one : body["evaluations"]) all += one["decision"].get<bool>() ? '+' : '-';
    return all;
  }
  std::vector<json> records(std::string_view type) {
    EXPECT_TRUE(writer_->finish());
    const auto trail = open(trail::Access::kRead);
    std::vector<json> all;
    const auto indexes = trail::records_of_type(*trail, type);
    for (const EntryIndex index : *indexes) {
      all.push_back(json::parse(trail::record_body(*trail, index).value()));
      all.back()["entry"] = index.value();
    }
    return all;
  }

  decide::DecisionPoint point_;
  Metrics metrics_;
  std::FILE* log_file_ = std::tmpfile();
  JsonLog log_{log_file_};
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<DecisionApi> api_;
  http::Router router_;
  std::string token_;
  std::string other_token_;
};

TEST_F(DecisionApiTest, permits_and_denies_with_200_and_says_why_in_two_languages) {
  const http::Response permitted = ask(question());
  ASSERT_EQ(permitted.status, 200) << permitted.body;
  EXPECT_EQ(permitted.content_type, "application/json");
  EXPECT_EQ(permitted.route, "evaluation");
  EXPECT_EQ(field(permitted, "X-Request-ID"), "bfe9eb29");
  const json yes = json::parse(permitted.body);
  EXPECT_EQ(yes["decision"], true);
  EXPECT_EQ(yes["context"]["id"], "0");
  EXPECT_EQ(yes["context"]["reasons"][0]["code"], "explained");
  EXPECT_EQ(yes["context"]["reasons"][0]["rule"], "handles-case");
  EXPECT_FALSE(yes["context"]["reasons"][0]["nl"].get<std::string>().empty());
  EXPECT_FALSE(yes["context"]["reasons"][0]["en"].get<std::string>().empty());
  EXPECT_EQ(yes["context"]["policies"]["decision_policy"], 2);
  EXPECT_EQ(yes["context"]["register_import"], 7);
  const json no = json::parse(ask(question("999990007")).body);
  EXPECT_EQ(no["decision"], false);
  EXPECT_EQ(no["context"]["reasons"][0]["code"], "shielded");
  EXPECT_EQ(no["context"]["break_glass"], "would_open");
  EXPECT_EQ(no["context"]["obligations"][0]["type"], "notify");
}

TEST_F(DecisionApiTest, every_decision_is_on_record_before_it_is_answered_with_pseudonyms_only) {
  json asked = question();
  asked["context"] = {{"case", "Z-1"}, {"reason", "Jansen belde"}};
  http::Request traced = request("/access/v1/evaluation", asked.dump());
  traced.fields.push_back({"traceparent", "00-5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-01"});
  const json said = json::parse(answer(traced).body);
  EXPECT_EQ(writer_->totals().size, 1U);
  ask(question("123456782"));
  const std::vector<json> all = records(decide::kDecisionRecord);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(std::to_string(all[0]["entry"].get<uint64_t>()), said["context"]["id"].get<std::string>());
  EXPECT_EQ(all[0]["trace_id"], "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(all[0]["parent_span_id"], "eee19b7ec3c1b174");
  EXPECT_EQ(all[0]["attributes"]["weerbaar.application"], "web");
  EXPECT_EQ(all[0]["body"]["adl.core.request"]["context"]["system"], "BVR");
  EXPECT_FALSE(all[1].contains("parent_span_id"));
  EXPECT_EQ(all[1]["trace_id"].get<std::string>().size(), 32U);
  for (const json& one : all) {
    for (const std::string personal : {"111222333", "123456782", "Jansen", "bfe9eb29"}) {
      EXPECT_EQ(one.dump().find(personal), std::string::npos);
    }
  }
}

TEST_F(DecisionApiTest, a_broken_glass_is_listed_for_review) {
  json asked = question("999990007");
  asked["context"] = {{"break_glass", true}, {"reason", "spoed"}};
  const json said = json::parse(ask(asked).body);
  EXPECT_EQ(said["decision"], true);
  EXPECT_EQ(said["context"]["obligations"].back()["type"], "review");
  const std::vector<json> all = records(decide::kToReviewRecord);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["body"]["adl.core.request"]["context"]["break_glass"], true);
}

TEST_F(DecisionApiTest, a_batch_is_answered_in_order_by_its_semantic) {
  const std::vector<std::string> persons = {"111222333", "999990007", "123456782", "999990007"};
  json asked = batch(persons);
  EXPECT_EQ(decisions(ask_all(asked)), "+-+-");
  asked["options"]["evaluations_semantic"] = "execute_all";
  EXPECT_EQ(decisions(ask_all(asked)), "+-+-");
  asked["options"]["evaluations_semantic"] = "deny_on_first_deny";
  EXPECT_EQ(decisions(ask_all(asked)), "+-");
  asked["options"]["evaluations_semantic"] = "permit_on_first_permit";
  EXPECT_EQ(decisions(ask_all(asked)), "+");
  asked = batch({"999990007", "999990007", "111222333", "999990007"});
  asked["options"]["evaluations_semantic"] = "permit_on_first_permit";
  const http::Response last = ask_all(asked);
  EXPECT_EQ(decisions(last), "--+");
  EXPECT_FALSE(json::parse(last.body).contains("decision"));
  EXPECT_EQ(json::parse(last.body)["evaluations"][2]["context"]["id"], "13");
  EXPECT_EQ(records(decide::kDecisionRecord).size(), 4U + 4 + 2 + 1 + 3);
}

TEST_F(DecisionApiTest, without_evaluations_a_batch_is_one_decision) {
  const http::Response response = ask_all(question());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["decision"], true);
  EXPECT_EQ(json::parse(ask_all(batch({})).body)["decision"], true);
  // Each form is one of the document.
  const json document = json::parse(api_document());
  const json& schema =
      document["paths"]["/access/v1/evaluations"]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
  json wrong = batch({"111222333"});
  wrong["evaluations"][0]["context"] = {{"system", "X"}};
  for (const json& asked : {question(), batch({}), batch({"111222333", "123456782"}), wrong}) {
    Problems problems;
    differences(document, schema, json::parse(ask_all(asked).body), "answer", problems);
    EXPECT_TRUE(problems.empty()) << problems.front();
  }
  Problems problems;
  differences(document, schema, {{"decisions", json::array()}}, "answer", problems);
  EXPECT_FALSE(problems.empty());
  EXPECT_EQ(ask_all({{"evaluations", json::array()}}).status, 400);
}

TEST_F(DecisionApiTest, an_item_that_is_wrong_is_denied_alone_and_on_record) {
  json asked = batch({"111222333", "123456782"});
  asked["evaluations"][0]["resource"].erase("id");
  asked["evaluations"][1]["context"] = {{"system", "X"}};
  const http::Response response = ask_all(asked);
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(decisions(response), "--");
  const json said = json::parse(response.body)["evaluations"];
  EXPECT_EQ(said[0]["context"]["error"]["status"], 400);
  EXPECT_EQ(said[0]["context"]["error"]["message"], "evaluations[0].resource.id is missing");
  EXPECT_EQ(said[1]["context"]["error"]["status"], 403);
  asked["options"]["evaluations_semantic"] = "deny_on_first_deny";
  EXPECT_EQ(decisions(ask_all(asked)), "-");
  const std::vector<json> all = records(decide::kDecisionRecord);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]["status"], "Error");
  EXPECT_NE(metrics_.text({}, {}, {}, true).find("weerbaar_decisions_total{decision=\"deny\",ground=\"error\"} 3\n"),
            std::string::npos);
}

TEST_F(DecisionApiTest, what_the_server_refuses_has_the_id_of_the_request_too) {
  for (const int status : {413, 429, 503}) {
    for (const std::string path : {"/access/v1/evaluation", "/access/v1/evaluations"}) {
      http::Response refusal = http::problem(status, "why");
      router_.form(request(path, ""), refusal);
      EXPECT_EQ(field(refusal, "X-Request-ID"), "bfe9eb29");
      EXPECT_EQ(refusal.status, status);
      EXPECT_EQ(refusal.body, http::problem(status, "why").body);
    }
  }
}

TEST_F(DecisionApiTest, what_is_malformed_gets_400_with_a_text_and_no_record) {
  for (const std::string body : {"", "{", "[]", "null", "{}", R"({"subject":{"type":"employee"}})"}) {
    for (const std::string path : {"/access/v1/evaluation", "/access/v1/evaluations"}) {
      const http::Response response = answer(request(path, body));
      EXPECT_EQ(response.status, 400) << body;
      EXPECT_FALSE(response.body.empty());
      EXPECT_TRUE(response.content_type.starts_with("text/plain"));
      EXPECT_EQ(field(response, "X-Request-ID"), "bfe9eb29");
    }
  }
  json asked = batch({"111222333"});
  asked["options"]["evaluations_semantic"] = "first_wins";
  EXPECT_EQ(ask_all(asked).status, 400);
  http::Request made = request("/access/v1/evaluation", question().dump());
  made.fields[2].value = std::string(300, 'x');
  EXPECT_EQ(answer(made).status, 400);
  EXPECT_EQ(writer_->totals().size, 0U);
}

TEST_F(DecisionApiTest, what_the_api_leaves_open_is_answered_by_a_problem) {
  http::Request made = request("/access/v1/evaluation", question().dump());
  made.fields[1].value = "text/plain";
  EXPECT_EQ(answer(made).status, 415);
  EXPECT_EQ(answer(made).content_type, "application/problem+json");
  EXPECT_EQ(router_.admit(made)->body_bytes_max, decide::kRequestBytesMax) << "more is 413, by the server";
  EXPECT_EQ(ask(question(), "/access/v1/search/subject").status, 404) << "not offered, and not in the metadata";
  made = request("/access/v1/evaluation", "");
  made.method = "GET";
  EXPECT_EQ(answer(made).status, 405);
}

TEST_F(DecisionApiTest, only_who_proves_to_be_an_application_may_ask_and_only_about_its_systems) {
  http::Request made = request("/access/v1/evaluation", question().dump());
  made.fields[0].value = "Bearer wrong";
  const http::Response refused = answer(made);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(field(refused, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(field(refused, "X-Request-ID"), "bfe9eb29");
  made.fields.erase(made.fields.begin());
  EXPECT_EQ(answer(made).status, 401);
  made.certificate_subject = "CN=web,O=Example";
  EXPECT_EQ(answer(made).status, 200);
  json other = question();
  other["context"]["system"] = "X";
  EXPECT_EQ(ask(other).status, 403);
  made = request("/access/v1/evaluation", question().dump());
  made.fields[0].value = "Bearer " + other_token_;
  const http::Response which = answer(made);
  EXPECT_EQ(which.status, 400);
  EXPECT_NE(which.body.find("context.system"), std::string::npos);
  made.body = other.dump();
  EXPECT_EQ(json::parse(answer(made).body)["context"]["reasons"][0]["code"], "not_authorised");
}

TEST_F(DecisionApiTest, new_facts_count_from_the_next_question_on) {
  point_.use(knowledge(8, false));
  const json said = json::parse(ask(question()).body);
  EXPECT_EQ(said["context"]["register_import"], 8);
  EXPECT_EQ(said["context"]["reasons"][0]["code"], "unknown_person");
  point_.use(nullptr);
  const http::Response none = ask(question());
  EXPECT_EQ(none.status, 503);
  EXPECT_FALSE(field(none, "Retry-After").empty());
}

TEST_F(DecisionApiTest, what_cannot_be_recorded_is_not_decided) {
  ASSERT_TRUE(writer_->finish());
  const http::Response response = ask(question());
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body.find("decision\":true"), std::string::npos);
}

TEST_F(DecisionApiTest, the_metadata_names_what_there_is_at_the_place_where_it_was_asked) {
  http::Request made = request("/.well-known/authzen-configuration", "");
  made.method = "GET";
  made.fields.erase(made.fields.begin());
  const http::Response response = answer(made);
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  const json said = json::parse(response.body);
  EXPECT_EQ(said["policy_decision_point"], "https://pdp.example.com");
  EXPECT_EQ(said["access_evaluation_endpoint"], "https://pdp.example.com/access/v1/evaluation");
  EXPECT_EQ(said["access_evaluations_endpoint"], "https://pdp.example.com/access/v1/evaluations");
  EXPECT_EQ(said.size(), 3U);
  api_->use_applications(std::make_shared<Applications>(std::vector<Application>()), "https://other.example.com");
  EXPECT_EQ(json::parse(answer(made).body)["policy_decision_point"], "https://other.example.com");
  api_->use_applications(std::make_shared<Applications>(std::vector<Application>()), "");
  made.fields.back().value = "evil.example.com/\"";
  EXPECT_EQ(answer(made).status, 400);
}

TEST_F(DecisionApiTest, counts_and_logs_nothing_personal) {
  ask(question());
  ask(question("999990007"));
  http::Request made = request("/access/v1/evaluation", question().dump());
  made.fields[0].value = "Bearer wrong";
  answer(made);
  const std::string text = metrics_.text({}, {}, {}, true);
  EXPECT_NE(text.find("weerbaar_decisions_total{decision=\"permit\",ground=\"explained\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("weerbaar_decisions_total{decision=\"deny\",ground=\"shielded\"} 1\n"), std::string::npos);
  std::rewind(log_file_);
  std::string log(10'000, '\0');
  log.resize(std::fread(log.data(), 1, log.size(), log_file_));
  EXPECT_NE(log.find("an application was refused"), std::string::npos);
  for (const std::string& personal : {std::string("111222333"), std::string("999990007"), std::string("wrong")}) {
    EXPECT_EQ((text + log).find(personal), std::string::npos);
  }
}

}  // namespace
}  // namespace weerbaar::service

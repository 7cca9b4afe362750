#include "decide/request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weerbaar::decide {
namespace {

using nlohmann::json;

json whole() {
  return json::parse(R"({"subject":{"type":"employee","id":"e1"},"action":{"name":"read"},)"
                     R"("resource":{"type":"bsn","id":"123456782"},"context":{"system":"BVR"}})");
}

// `evaluations` that differ in the person only.
json batch(size_t count) {
  json made = whole();
  made["evaluations"] = json::array();
  for (size_t i = 0; i < count; ++i) {
    made["evaluations"].push_back({{"resource", {{"type", "bsn"}, {"id", std::to_string(100'000'000 + i)}}}});
  }
  return made;
}

std::string refusal(const Result<Request>& request) {
  EXPECT_FALSE(request.has_value());
  if (request) return {};
  EXPECT_EQ(request.error().code, Code::kInvalid);
  return request.error().text;
}

TEST(AuthzenRequest, is_read_with_all_that_weerbaar_understands) {
  json said = whole();
  said["subject"]["type"] = "user";
  said["action"]["name"] = "can_search";
  said["context"] = {{"system", "BVR"},      {"case", "Z-1"},
                     {"activity", "inning"}, {"unit", "U"},
                     {"function", "F"},      {"purpose", "p"},
                     {"reason", "r"},        {"data", {"a", "b"}},
                     {"break_glass", true},  {"time", "1985-10-26T01:22-07:00"}};
  const auto request = read_evaluation(said.dump());
  ASSERT_TRUE(request.has_value()) << request.error().text;
  EXPECT_FALSE(request->is_batch);
  ASSERT_EQ(request->questions.size(), 1U);
  const Question& question = request->questions[0].value();
  EXPECT_EQ(question.asker, Question::Asker::kAccount);
  EXPECT_EQ(question.employee, "e1");
  EXPECT_EQ(question.person_type, SubjectType::kBsn);
  EXPECT_EQ(question.person, "123456782");
  EXPECT_EQ(question.action, Action::kSearch);
  EXPECT_EQ(question.system, "BVR");
  EXPECT_EQ(question.case_id, "Z-1");
  EXPECT_EQ(question.activity, "inning");
  EXPECT_EQ(question.unit, "U");
  EXPECT_EQ(question.function, "F");
  EXPECT_EQ(question.purpose, "p");
  EXPECT_EQ(question.reason, "r");
  EXPECT_EQ(question.data, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(question.break_glass);
}

TEST(AuthzenRequest, takes_a_blank_reason_for_none) {
  for (const char* const blank : {" ", "  \u00A0", "\u200B\u3000"}) {
    json said = whole();
    said["context"] = {{"reason", blank}, {"break_glass", true}};
    const auto request = read_evaluation(said.dump());
    ASSERT_TRUE(request.has_value()) << request.error().text;
    EXPECT_EQ(request->questions[0]->reason, "") << '"' << blank << '"';
  }
}

TEST(AuthzenRequest, needs_no_context_and_passes_over_what_it_does_not_know) {
  json said = whole();
  said.erase("context");
  EXPECT_TRUE(read_evaluation(said.dump()).has_value());
  said = whole();
  said["future"] = {1, 2, nullptr};
  said["subject"]["properties"] = {{"department", "Sales"}};
  said["subject"]["future"] = nullptr;
  said["action"]["properties"] = json::object();
  said["resource"]["properties"] = {{"x", {{"y", 1}}}};
  said["context"]["schema"] = "https://schema.example.com";
  EXPECT_TRUE(read_evaluation(said.dump()).has_value());
  EXPECT_FALSE(read_evaluation(batch(2).dump())->is_batch) << "a single evaluation has no list";
}

TEST(AuthzenRequest, leaves_open_what_no_access_event_knows) {
  json said = whole();
  said["subject"]["type"] = "identity";
  said["resource"]["type"] = "todo";
  said["action"]["name"] = "approve";
  const Question question = read_evaluation(said.dump())->questions[0].value();
  EXPECT_EQ(question.asker, Question::Asker::kUnknown);
  EXPECT_FALSE(question.person_type.has_value());
  EXPECT_FALSE(question.action.has_value());
}

TEST(AuthzenRequest, is_refused_when_a_required_member_is_missing_or_of_another_type) {
  for (const std::string entity : {"subject", "action", "resource"}) {
    json said = whole();
    said.erase(entity);
    EXPECT_EQ(refusal(read_evaluation(said.dump())), entity + " is missing");
    for (const json& wrong : {json(), json(1), json("x"), json::array(), json(true)}) {
      said = whole();
      said[entity] = wrong;
      EXPECT_EQ(refusal(read_evaluation(said.dump())), entity + " is no object") << wrong;
      said = whole();
      said[entity]["properties"] = wrong;
      EXPECT_EQ(refusal(read_evaluation(said.dump())), entity + " has properties of no object");
    }
  }
  for (const auto& [entity, member] :
       {std::pair{"subject", "type"}, std::pair{"subject", "id"}, std::pair{"action", "name"},
        std::pair{"resource", "type"}, std::pair{"resource", "id"}}) {
    const std::string name = std::string(entity) + "." + member;
    json said = whole();
    said[entity].erase(member);
    EXPECT_EQ(refusal(read_evaluation(said.dump())), name + " is missing");
    for (const json& wrong : {json(), json(1), json::object(), json::array()}) {
      said[entity][member] = wrong;
      EXPECT_EQ(refusal(read_evaluation(said.dump())), name + " is no string");
    }
    said[entity][member] = "";
    EXPECT_NE(refusal(read_evaluation(said.dump())).find(name + " is empty"), std::string::npos);
    said[entity][member] = std::string(600, 'a');
    EXPECT_NE(refusal(read_evaluation(said.dump())).find(name + " is longer"), std::string::npos);
    said[entity][member] = "a\nb";
    EXPECT_NE(refusal(read_evaluation(said.dump())).find(name + " has a control character"), std::string::npos);
  }
}

TEST(AuthzenRequest, is_refused_when_its_context_is_wrong) {
  const std::pair<json, std::string> cases[] = {{json(1), "context is no object"},
                                                {json(), "context is no object"},
                                                {{{"system", 1}}, "context.system is no string"},
                                                {{{"case", nullptr}}, "context.case is no string"},
                                                {{{"reason", ""}}, "context.reason is empty"},
                                                {{{"break_glass", "yes"}}, "context.break_glass is neither"},
                                                {{{"data", "a"}}, "context.data is no array"},
                                                {{{"data", {1}}}, "context.data is no string"},
                                                {{{"data", std::vector<std::string>(65, "a")}}, "more than 64"}};
  for (const auto& [context, error] : cases) {
    json said = whole();
    said["context"] = context;
    EXPECT_NE(refusal(read_evaluation(said.dump())).find(error), std::string::npos) << error;
  }
}

TEST(AuthzenRequest, is_refused_when_it_is_no_json_that_all_read_alike) {
  const std::string text = whole().dump();
  for (const std::string& wrong : {std::string(), std::string("null"), std::string("[]"), text.substr(1), text + "}",
                                   std::string("{\"a\":\"\xFF\"}"), std::string("{\"a\":\"\\ud800\"}"),
                                   std::string("{\"a\":1e999}"), std::string(100'000, '[')}) {
    EXPECT_FALSE(refusal(read_evaluation(wrong)).empty());
    EXPECT_FALSE(refusal(read_evaluations(wrong)).empty());
  }
  std::string twice = text;
  twice.insert(1, R"("action":{"name":"delete"},)");
  EXPECT_NE(refusal(read_evaluation(twice)).find("twice"), std::string::npos);
  twice = text;
  twice.insert(twice.find("\"id\""), R"("\u0069d":"e2",)");
  EXPECT_NE(refusal(read_evaluation(twice)).find("twice"), std::string::npos);
  std::string deep = text;
  deep.insert(1, "\"x\":" + std::string(kNestingMax, '[') + std::string(kNestingMax, ']') + ",");
  EXPECT_NE(refusal(read_evaluation(deep)).find("deep"), std::string::npos);
  std::string large = text;
  large.insert(1, "\"x\":\"" + std::string(kRequestBytesMax, 'x') + "\",");
  EXPECT_NE(refusal(read_evaluation(large)).find("longer"), std::string::npos);
}

TEST(AuthzenRequest, tells_what_is_wrong_without_what_was_sent) {
  json said = whole();
  said["resource"]["id"] = "~2026-Q1:123456782";
  const std::string text = refusal(read_evaluation(said.dump()));
  EXPECT_NE(text.find("resource.id"), std::string::npos);
  EXPECT_EQ(text.find("123456782"), std::string::npos);
}

TEST(AuthzenBatch, takes_what_an_item_lacks_from_the_whole_and_replaces_it_as_a_whole) {
  json said = batch(3);
  said["evaluations"][1]["context"] = {{"case", "Z-1"}};
  said["evaluations"][2] = {{"subject", {{"type", "account"}, {"id", "u2"}}}, {"action", {{"name", "print"}}}};
  const auto request = read_evaluations(said.dump());
  ASSERT_TRUE(request.has_value()) << request.error().text;
  EXPECT_TRUE(request->is_batch);
  ASSERT_EQ(request->questions.size(), 3U);
  EXPECT_EQ(request->questions[0]->person, "100000000");
  EXPECT_EQ(request->questions[0]->system, "BVR");
  EXPECT_EQ(request->questions[1]->case_id, "Z-1");
  EXPECT_EQ(request->questions[1]->system, "") << "contexts are not mixed";
  EXPECT_EQ(request->questions[2]->person, "123456782");
  EXPECT_EQ(request->questions[2]->employee, "u2");
  EXPECT_EQ(request->questions[2]->action, Action::kPrint);
}

TEST(AuthzenBatch, without_evaluations_is_a_single_one) {
  EXPECT_FALSE(read_evaluations(whole().dump())->is_batch);
  EXPECT_FALSE(read_evaluations(batch(0).dump())->is_batch);
  json said = whole();
  said.erase("subject");
  EXPECT_EQ(refusal(read_evaluations(said.dump())), "subject is missing");
}

TEST(AuthzenBatch, an_item_that_lacks_something_fails_alone) {
  json said = batch(3);
  said.erase("resource");
  said["evaluations"][1] = json::object();
  said["evaluations"][2]["resource"].erase("id");
  const auto request = read_evaluations(said.dump());
  ASSERT_TRUE(request.has_value()) << request.error().text;
  EXPECT_TRUE(request->questions[0].has_value());
  EXPECT_EQ(request->questions[1].error().text, "evaluations[1].resource is missing");
  EXPECT_EQ(request->questions[2].error().text, "evaluations[2].resource.id is missing");
}

TEST(AuthzenBatch, is_refused_as_a_whole_when_the_whole_is_wrong) {
  json said = batch(1);
  said["evaluations"] = 1;
  EXPECT_EQ(refusal(read_evaluations(said.dump())), "evaluations is no array");
  said["evaluations"] = {1};
  EXPECT_EQ(refusal(read_evaluations(said.dump())), "evaluations[0] is no object");
  said = batch(1);
  said["subject"].erase("id");
  EXPECT_EQ(refusal(read_evaluations(said.dump())), "subject.id is missing");
  EXPECT_NE(refusal(read_evaluations(batch(kEvaluationsMax + 1).dump())).find("more than 100"), std::string::npos);
  EXPECT_TRUE(read_evaluations(batch(kEvaluationsMax).dump()).has_value());
}

TEST(AuthzenBatch, has_one_of_three_semantics) {
  json said = batch(1);
  EXPECT_EQ(read_evaluations(said.dump())->semantic, Semantic::kExecuteAll);
  said["options"] = {{"another_option", 1}};
  EXPECT_EQ(read_evaluations(said.dump())->semantic, Semantic::kExecuteAll);
  for (const auto& [name, semantic] :
       {std::pair{"execute_all", Semantic::kExecuteAll}, std::pair{"deny_on_first_deny", Semantic::kDenyOnFirstDeny},
        std::pair{"permit_on_first_permit", Semantic::kPermitOnFirstPermit}}) {
    said["options"]["evaluations_semantic"] = name;
    EXPECT_EQ(read_evaluations(said.dump())->semantic, semantic);
  }
  for (const json& wrong : {json("any"), json(1), json()}) {
    said["options"]["evaluations_semantic"] = wrong;
    EXPECT_NE(refusal(read_evaluations(said.dump())).find("evaluations_semantic"), std::string::npos);
  }
  said["options"] = 1;
  EXPECT_EQ(refusal(read_evaluations(said.dump())), "options is no object");
}

}  // namespace
}  // namespace weerbaar::decide

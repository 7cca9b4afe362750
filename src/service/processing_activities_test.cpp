#include "service/processing_activities.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTrace = "ef4e77b9-b03b-585f-b613-5fcf8d8555fb";

class ProcessingActivitiesTest : public ::testing::Test {
 protected:
  ProcessingActivitiesTest() {
    trace_ = std::string(as_text(*from_hex("ef4e77b9b03b585fb6135fcf8d8555fb")));
    span_ = std::string(as_text(*from_hex("beb0291b5162d850")));
    known_.id = "e1";
    known_.source = "inning-otlp";
    known_.time = Time{1'764'068'470'669'123, 0};
    known_.system = "inning";
    known_.component = "tonen dossier";
    known_.purpose.processing_activity = "https://register.example/inning";
    known_.trace = {trace_, span_, ""};
    known_.subjects = known_subjects_;
    known_.attributes = attributes_;
    shown_ = known_;
    shown_.subjects = shown_subjects_;
    shown_.attributes = {};
  }
  Json ask(const Json& body) {
    const auto question = read_processing_question(body.dump());
    EXPECT_TRUE(question) << (question ? "" : question.error().text);
    Json activities = Json::array();
    if (question) append_activities(*question, 17, known_, shown_, activities);
    return activities;
  }

  std::string trace_;
  std::string span_;
  const std::vector<Subject> known_subjects_ = {{SubjectType::kBsn, "123456782", ""}, {SubjectType::kOther, "A1", ""}};
  const std::vector<Subject> shown_subjects_ = {{SubjectType::kBsn, "~2025-Q4:012345678", ""},
                                                {SubjectType::kOther, "~2025-Q4:abcdef", ""}};
  const std::vector<Attribute> attributes_ = {{"end_time", R"("2025-11-25T11:01:10.675Z")"},
                                              {"dpl.core.foreign_operation.processor", R"("https://a.example")"},
                                              {"dpl.read.externalReadAPI_id", R"("https://a.example/read/v1")"}};
  AccessEvent known_;
  AccessEvent shown_;
};

TEST_F(ProcessingActivitiesTest, have_the_form_of_the_text_and_pseudonyms_in_place_of_identities) {
  const Json found = ask({{"traceId", kTrace}});
  ASSERT_EQ(found.size(), 2U);
  const Json expected = {{"traceId", kTrace},
                         {"spanId", "beb0291b5162d850"},
                         {"status", "Ok"},
                         {"name", "tonen dossier"},
                         {"startTime", 1'764'068'470'669},
                         {"endTime", 1'764'068'470'675},
                         {"resource", {{"attributes", {{"service.name", "inning"}}}}},
                         {"attributes",
                          {{"dpl.core.processing_activity_id", "https://register.example/inning"},
                           {"dpl.core.foreign_operation.processor", "https://a.example"},
                           {"dpl.read.externalReadAPI_id", "https://a.example/read/v1"},
                           {"weerbaar.entry", 17},
                           {"dpl.core.data_subject_id", "~2025-Q4:012345678"},
                           {"dpl.core.data_subject_id_type", "BSN"}}}};
  EXPECT_EQ(found[0], expected) << found[0].dump(1);
  EXPECT_EQ(found.dump().find("123456782"), std::string::npos);
}

TEST_F(ProcessingActivitiesTest, of_several_persons_only_the_one_who_is_asked_about_is_given) {
  for (const char* const type : {"BSN", "bsn", ""}) {
    Json body = {{"dpl.core.data_subject_id", "123456782"}};
    if (*type != '\0') body["dpl.core.data_subject_id_type"] = type;
    const Json found = ask(body);
    ASSERT_EQ(found.size(), 1U) << type;
    EXPECT_EQ(found[0]["attributes"]["dpl.core.data_subject_id_type"], "BSN");
  }
  EXPECT_EQ(ask({{"dpl.core.data_subject_id", "A1"}}).size(), 1U) << "logged without a type";
  EXPECT_EQ(ask({{"dpl.core.data_subject_id", "A1"}, {"dpl.core.data_subject_id_type", "kenteken"}}).size(), 0U);
  EXPECT_EQ(ask({{"dpl.core.data_subject_id", "~2025-Q4:012345678"}}).size(), 1U) << "by pseudonym";
}

TEST_F(ProcessingActivitiesTest, are_kept_from_who_asks_for_another_moment_or_processor) {
  const auto with = [](const char* member, const Json& value) {
    Json body = {{"traceId", kTrace}};
    body[member] = value;
    return body;
  };
  EXPECT_EQ(ask(with("endTime", 1'764'068'470'675)).size(), 2U);
  EXPECT_EQ(ask(with("endTime", 1'764'068'470'674)).size(), 0U);
  EXPECT_EQ(ask(with("dpl.core.foreign_operation.processor", "https://a.example")).size(), 2U);
  EXPECT_EQ(ask(with("dpl.core.foreign_operation.processor", "https://b.example")).size(), 0U);
  trail::StoredEvent stored;
  stored.trace_id = trace_;
  stored.span_id = span_;
  stored.time = known_.time;
  stored.shape.processing_activity = known_.purpose.processing_activity;
  const auto may_be = [&](const Json& body) { return read_processing_question(body.dump())->may_be(stored); };
  EXPECT_TRUE(may_be(with("startTime", 1'764'068'470'669)));
  EXPECT_FALSE(may_be(with("startTime", 1'764'068'470'670)));
  EXPECT_FALSE(may_be(with("endTime", 1'764'068'470'668)));
  EXPECT_FALSE(may_be(with("dpl.core.processing_activity_id", "https://register.example/other")));
  EXPECT_FALSE(may_be({{"traceId", "00000000000000000000000000000001"}}));
}

TEST_F(ProcessingActivitiesTest, that_came_without_a_trace_are_found_by_the_ids_that_they_were_given) {
  known_.trace = {};
  shown_.trace = {};
  const Json found = ask({{"dpl.core.data_subject_id", "123456782"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0]["attributes"]["weerbaar.ids_made"]);
  trail::StoredEvent stored;
  stored.id = known_.id;
  stored.shape.source = known_.source;
  const auto again = read_processing_question(Json{{"traceId", found[0]["traceId"]}}.dump());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->may_be(stored));
  stored.id = "e2";
  EXPECT_FALSE(again->may_be(stored));
}

TEST_F(ProcessingActivitiesTest, that_failed_say_so_and_one_without_a_person_has_none) {
  known_.outcome = Outcome::kDenied;
  known_.subjects = {};
  shown_.subjects = {};
  shown_.component = {};
  known_.attributes = {};
  const Json found = ask({{"dpl.core.processing_activity_id", "https://register.example/inning"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0]["attributes"].contains("dpl.read.externalReadAPI_id")) << "as the text demands";
  EXPECT_EQ(found[0]["status"], "Error");
  EXPECT_EQ(found[0]["name"], "read");
  EXPECT_FALSE(found[0]["attributes"].contains("dpl.core.data_subject_id"));
}

TEST(ProcessingQuestion, is_refused_when_it_asks_for_everything_or_for_what_is_not_known) {
  for (const char* const wrong :
       {"", "[]", "{}", R"({"startTime":1})", R"({"traceId":"12345678"})", R"({"traceId":7})",
        R"({"traceId":"zf4e77b9-b03b-585f-b613-5fcf8d8555fb"})", R"({"dpl.core.data_subject_id":""})",
        R"({"dpl.core.data_subject_id":"123456789","dpl.core.data_subject_id_type":"BSN"})",
        R"({"dpl.core.data_subject_id_type":"BSN","dpl.core.processing_activity_id":"a"})",
        R"({"dpl.core.processing_activity_id":"a","startTime":-1})",
        R"({"dpl.core.processing_activity_id":"a","startTime":1.5})",
        R"({"dpl.core.processing_activity_id":"a","endTime":18446744073709551615})",
        R"({"dpl.core.processing_activity_id":"a","dataSubjectId":"123456782"})"}) {
    const auto question = read_processing_question(wrong);
    ASSERT_FALSE(question) << wrong;
    EXPECT_EQ(question.error().code, Code::kInvalid) << wrong;
    EXPECT_EQ(question.error().text.find("12345678"), std::string::npos) << question.error().text;
  }
}

}  // namespace
}  // namespace weerbaar::service

#include "decide/decision_record.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace weerbaar::decide {
namespace {

using nlohmann::json;

class DecisionRecordTest : public ::testing::Test {
 protected:
  static trail::Pseudonymiser key_of(uint8_t byte) {
    return trail::Pseudonymiser::create(Bytes(trail::kPeriodKeyBytes, byte)).value();
  }
  static Question question() {
    Question made;
    made.asker = Question::Asker::kAccount;
    made.employee = "u104233";
    made.person_type = SubjectType::kBsn;
    made.person = "123456782";
    made.action = Action::kRead;
    made.system = "BVR";
    made.case_id = "Z-1";
    made.reason = "buurman Jansen";
    made.purpose = "over Jansen";
    made.data = {"income"};
    made.break_glass = true;
    return made;
  }
  static Decision decision() {
    Decision made;
    made.permit = true;
    made.grounds = {{Condition::kShielded, ""}, {Condition::kBreakGlass, ""}};
    made.obligations.review = true;
    made.obligations.mask = {"income"};
    made.obligations.notify = {"supervisor"};
    return made;
  }
  static Call call() {
    Call made;
    made.application = "inning-web";
    made.at = Time{1'780'000'000'123'000, 0};
    made.trace_id = "5b8efff798038103d269b633813fc60c";
    made.span_id = "eee19b7ec3c1b174";
    made.request_id = "request of Jansen";
    return made;
  }
  std::string record(const Result<Question>& asked, const Call& of = call()) const {
    return record_of(of, 0, asked, decision(), {12, 2, "aa", 3, "bb"}, period_, key_);
  }

  const trail::Period period_{8'105};
  const trail::Pseudonymiser key_ = key_of(7);
};

TEST_F(DecisionRecordTest, holds_no_identity_and_no_free_text) {
  const std::string body = record(question());
  for (const std::string personal : {"u104233", "123456782", "Jansen"}) {
    EXPECT_EQ(body.find(personal), std::string::npos) << body;
  }
  const json said = json::parse(body);
  EXPECT_EQ(said["event_name"], "adl.access_evaluation");
  EXPECT_EQ(said["timestamp"], 1'780'000'000'123);
  EXPECT_EQ(said["trace_id"], "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(said["status"], "Unset");
  EXPECT_EQ(said["attributes"]["weerbaar.application"], "inning-web");
  EXPECT_EQ(said["attributes"]["adl.core.policies"]["decision_policy"], 3);
  EXPECT_EQ(said["attributes"]["adl.core.information"]["register_import"], 12);
  EXPECT_EQ(said["body"]["adl.core.request"]["context"]["case"], "Z-1");
  EXPECT_EQ(said["body"]["adl.core.response"]["decision"], true);
  EXPECT_EQ(said["body"]["adl.core.response"]["context"]["reasons"][1]["code"], "break_glass");
  EXPECT_EQ(said["body"]["adl.core.response"]["context"]["obligations"].size(), 3U);
  EXPECT_EQ(record_type(decision()), kToReviewRecord);
  EXPECT_EQ(record_type(Decision()), kDecisionRecord);
}

TEST_F(DecisionRecordTest, who_has_the_key_reads_it_whole) {
  const std::string body = record(question());
  EXPECT_EQ(period_of_record(body), period_);
  const auto opened = open_record(body, &key_);
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  const auto& request = (*opened)["body"]["adl.core.request"];
  EXPECT_EQ(request["subject"]["id"], "u104233");
  EXPECT_EQ(request["resource"]["id"], "123456782");
  EXPECT_EQ(request["context"]["reason"], "buurman Jansen");
  EXPECT_EQ(request["context"]["purpose"], "over Jansen");
  EXPECT_EQ((*opened)["attributes"]["weerbaar.request_id"], "request of Jansen");
}

TEST_F(DecisionRecordTest, every_kind_of_person_comes_back) {
  for (const auto& [type, id] : {std::pair{SubjectType::kBsn, "123456782"}, std::pair{SubjectType::kBsn, "no number"},
                                 std::pair{SubjectType::kKvk, "12345678"}, std::pair{SubjectType::kVehicle, "AB-12-C"},
                                 std::pair{SubjectType::kEmployee, "e1"}, std::pair{SubjectType::kOther, "x"}}) {
    Question asked = question();
    asked.person_type = type;
    asked.person = id;
    const auto opened = open_record(record(asked), &key_);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    EXPECT_EQ((*opened)["body"]["adl.core.request"]["resource"]["id"], id);
  }
  Question asked = question();
  asked.person_type.reset();
  asked.person = "1";
  const auto opened = open_record(record(asked), &key_);
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  EXPECT_EQ((*opened)["body"]["adl.core.request"]["resource"]["id"], "1");
}

TEST_F(DecisionRecordTest, without_the_key_pseudonyms_stay_and_free_texts_go) {
  const auto opened = open_record(record(question()), nullptr);
  ASSERT_TRUE(opened.has_value());
  const auto& request = (*opened)["body"]["adl.core.request"];
  EXPECT_TRUE(request["subject"]["id"].get<std::string>().starts_with("~2026-Q2:"));
  EXPECT_TRUE(request["resource"]["id"].get<std::string>().starts_with("~2026-Q2:"));
  EXPECT_FALSE(request["context"].contains("reason"));
  EXPECT_FALSE((*opened)["attributes"].contains("weerbaar.request_id"));
}

TEST_F(DecisionRecordTest, of_version_1_is_written_and_read_as_it_was) {
  std::ifstream file(WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/decision/v1.json");
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(record(question()), kept);
  const auto opened = open_record(kept, &key_);
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  EXPECT_EQ((*opened)["body"]["adl.core.request"]["resource"]["id"], "123456782");
}

TEST_F(DecisionRecordTest, another_key_does_not_open_it) {
  const trail::Pseudonymiser other = key_of(8);
  EXPECT_EQ(open_record(record(question()), &other).error().code, Code::kCorrupt);
  EXPECT_EQ(open_record("{}", &key_).error().code, Code::kCorrupt);
  EXPECT_EQ(open_record("nonsense", nullptr).error().code, Code::kCorrupt);
}

TEST_F(DecisionRecordTest, an_item_that_was_wrong_is_on_record_as_an_error) {
  Call batch = call();
  batch.is_batch = true;
  batch.items = 3;
  const json said = json::parse(record(fail(Code::kInvalid, "wrong"), batch));
  EXPECT_EQ(said["event_name"], "adl.access_evaluations");
  EXPECT_EQ(said["status"], "Error");
  EXPECT_EQ(said["attributes"]["weerbaar.item"], 1);
  EXPECT_EQ(said["attributes"]["weerbaar.items"], 3);
  EXPECT_FALSE(said["body"].contains("adl.core.request"));
}

TEST(DecisionWords, tell_employees_nothing_of_shielding_or_of_their_neighbours) {
  std::vector<Ground> all;
  for (size_t i = 0; i < kConditions; ++i) all.push_back({static_cast<Condition>(i), ""});
  std::string text;
  append_grounds(text, all, true);
  for (const json& ground : json::parse(text)) {
    EXPECT_FALSE(ground["nl"].get<std::string>().empty());
    EXPECT_FALSE(ground["en"].get<std::string>().empty());
    EXPECT_EQ(ground["nl"].get<std::string>().find("afgeschermd"), std::string::npos);
    EXPECT_EQ(ground["en"].get<std::string>().find("shielded"), std::string::npos);
  }
}

}  // namespace
}  // namespace weerbaar::decide

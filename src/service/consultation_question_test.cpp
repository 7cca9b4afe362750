#include "service/consultation_question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weerbaar::service {
namespace {

using ::testing::HasSubstr;

TEST(ConsultationQuestion, is_about_a_person_or_an_employee_by_identity_or_pseudonym) {
  const auto person = read_consultation_question(R"({"of":"bsn:123456782"})");
  ASSERT_TRUE(person) << person.error().text;
  EXPECT_EQ(std::get<trail::OfSubject>(person->whom).id, "123456782");
  EXPECT_EQ(person->text, "of bsn:123456782");
  EXPECT_FALSE(person->reveal);
  EXPECT_EQ(person->limit, kItemsOfPage);
  const auto employee = read_consultation_question(R"({"by":"u9","reveal":true,"limit":1000})");
  ASSERT_TRUE(employee) << employee.error().text;
  EXPECT_EQ(std::get<trail::ByActor>(employee->whom).id, "u9");
  EXPECT_TRUE(employee->reveal);
  EXPECT_EQ(employee->limit, kItemsOfPageMax);
  const auto pseudonym = read_consultation_question(R"({"by":"~2026-Q1:0123456789abcdef"})");
  ASSERT_TRUE(pseudonym) << pseudonym.error().text;
  EXPECT_EQ(std::get<trail::ByPseudonym>(pseudonym->whom).text, "~2026-Q1:0123456789abcdef");
}

TEST(ConsultationQuestion, has_a_period_and_goes_on_behind_a_hit) {
  const auto asked = read_consultation_question(
      R"({"by":"u9","from":"2026-01-01","to":"2026-01-02T00:00:00Z","cursor":"1780000000000000.7.17.90"})");
  ASSERT_TRUE(asked) << asked.error().text;
  EXPECT_EQ(asked->range.from, parse_time_or_date("2026-01-01").value());
  EXPECT_EQ(asked->range.to, parse_time_or_date("2026-01-02").value());
  EXPECT_EQ(asked->after->hit.index, EntryIndex(17));
  EXPECT_EQ(asked->after->size, 90U);
  EXPECT_EQ(cursor_of(*asked->after), "1780000000000000.7.17.90");
  EXPECT_EQ(cursor_of(parse_cursor("-5.0.1.2").value()), "-5.0.1.2");
}

TEST(ConsultationQuestion, is_refused_by_the_member_that_is_wrong_without_repeating_it) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "object in JSON"},
      {"[]", "object in JSON"},
      {R"({"of":"bsn:123456782"} )"
       "x",
       "object in JSON"},
      {"{}", "whose consultations"},
      {R"({"of":"bsn:123456782","by":"u9"})", "whose consultations"},
      {R"({"of":["bsn:123456782"]})", "of is a text"},
      {R"({"by":12345678})", "by is a text"},
      {R"({"by":null})", "by is a text"},
      {R"({"of":"123456782"})", "of"},
      {R"({"of":"bsn:123456789"})", "11-test"},
      {R"({"by":""})", "by"},
      {R"({"by":"u9","from":"x"})", "from"},
      {R"({"by":"u9","from":20260101})", "from is a text"},
      {R"({"by":"u9","to":"2026-13-01"})", "to"},
      {R"({"by":"u9","from":"2026-02-01","to":"2026-01-01"})", "to must be later"},
      {R"({"by":"u9","limit":0})", "limit"},
      {R"({"by":"u9","limit":1001})", "limit"},
      {R"({"by":"u9","limit":-1})", "limit"},
      {R"({"by":"u9","limit":1.5})", "limit"},
      {R"({"by":"u9","limit":"5"})", "limit"},
      {R"({"by":"u9","cursor":"1.2"})", "cursor"},
      {R"({"by":"u9","cursor":"1.2.3"})", "cursor"},
      {R"({"by":"u9","cursor":"1.2.3.4.5"})", "cursor"},
      {R"({"by":"u9","cursor":"a.b.c.d"})", "cursor"},
      {R"({"by":"u9","by":"u8"})", "twice"},
      {R"({"by":"u9","cursor":7})", "cursor is a text"},
      {R"({"by":"u9","reveal":"true"})", "reveal is true or false"},
      {R"({"by":"u9","person 12345678":1})", "the members are"},
  };
  for (const auto& [body, says] : cases) {
    const auto asked = read_consultation_question(body);
    ASSERT_FALSE(asked) << body;
    EXPECT_EQ(asked.error().code, Code::kInvalid) << body;
    EXPECT_THAT(asked.error().text, HasSubstr(says)) << body;
    EXPECT_EQ(asked.error().text.find("12345678"), std::string::npos) << body;
  }
}

}  // namespace
}  // namespace weerbaar::service

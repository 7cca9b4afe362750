#include "examine/trace/leaked_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weerbaar::trace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LeakedList, is_one_person_a_line) {
  const auto list = parse_leaked_list(
      "\xEF\xBB\xBF"
      "bsn:123456782\r\n\n  vehicle:AB-12-CD  \nbsn:123456782\nkvk:~2026-Q1:01234567");
  ASSERT_TRUE(list.has_value()) << list.error().text;
  ASSERT_EQ(list->persons.size(), 3U);
  EXPECT_EQ(list->repeated, 1U);
  EXPECT_EQ(std::get<trail::OfSubject>(list->persons[0]).id, "123456782");
  EXPECT_EQ(std::get<trail::OfSubject>(list->persons[1]).id, "AB-12-CD");
  EXPECT_EQ(std::get<trail::OfPseudonym>(list->persons[2]).text, "~2026-Q1:01234567");
}

TEST(LeakedList, names_the_lines_that_are_wrong_and_repeats_nobody) {
  const auto list = parse_leaked_list("bsn:123456782\nbsn:87654321\n\n123456782\nbsn:123456789\n");
  ASSERT_FALSE(list.has_value());
  EXPECT_EQ(list.error().code, Code::kInvalid);
  EXPECT_THAT(list.error().text, HasSubstr("line 2: a bsn has nine digits"));
  EXPECT_THAT(list.error().text, HasSubstr("line 4: write a person as TYPE:ID"));
  EXPECT_THAT(list.error().text, HasSubstr("line 5: the bsn does not pass"));
  EXPECT_THAT(list.error().text, Not(HasSubstr("87654321")));
  EXPECT_THAT(list.error().text, Not(HasSubstr("12345678")));
}

TEST(LeakedList, counts_the_faults_beyond_the_first_ten) {
  std::string text;
  for (int i = 0; i < 25; ++i) text += "nobody\n";
  const auto list = parse_leaked_list(text);
  EXPECT_THAT(list.error().text, HasSubstr("line 10:"));
  EXPECT_THAT(list.error().text, Not(HasSubstr("line 11:")));
  EXPECT_THAT(list.error().text, HasSubstr("15 lines more"));
}

TEST(LeakedList, has_at_least_one_person_and_not_too_many) {
  EXPECT_EQ(parse_leaked_list("").error().code, Code::kInvalid);
  EXPECT_EQ(parse_leaked_list("\n \r\n").error().code, Code::kInvalid);
  std::string text;
  for (size_t i = 0; i < kLeakedPersonsMax; ++i) text += "other:" + std::to_string(i) + "\n";
  EXPECT_TRUE(parse_leaked_list(text).has_value());
  EXPECT_THAT(parse_leaked_list(text + "other:more").error().text, HasSubstr("line 10001"));
}

}  // namespace
}  // namespace weerbaar::trace

#include "service/json_body.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "service/api_json.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

TEST(JsonBody, has_none_but_the_members_that_are_known) {
  static constexpr std::array<std::string_view, 2> kMembers = {"a", "b"};
  EXPECT_TRUE(parse_body(R"({"a":1})", kMembers));
  EXPECT_TRUE(parse_body("{}", kMembers));
  for (const char* const wrong : {"", "{", "[]", "1", R"({"c":1})", "{\"a\":\"\xff\"}"}) {
    const auto refused = parse_body(wrong, kMembers);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Code::kInvalid);
  }
}

TEST(JsonBody, texts_are_there_not_too_long_and_on_one_line) {
  const Json body = {{"right", "é"}, {"empty", ""}, {"number", 1}, {"lines", "a\nb"}, {"long", std::string(9, 'x')}};
  EXPECT_EQ(text_in(body, "right", 8).value(), "é");
  for (const char* const member : {"empty", "number", "lines", "long", "absent"}) {
    const auto refused = text_in(body, member, 8);
    ASSERT_FALSE(refused) << member;
    EXPECT_TRUE(refused.error().text.starts_with(member));
  }
  EXPECT_EQ(text_if_any(body, "absent", 8).value(), "");
  EXPECT_FALSE(text_if_any(body, "empty", 8)) << "what is said is a text";
}

TEST(JsonBody, moments_make_a_range_that_does_not_end_before_it_begins) {
  const auto range = range_in({{"from", "2026-01-01"}, {"to", "2026-01-01T00:00:01Z"}});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->to->micros - range->from->micros, kMicrosPerSecond);
  EXPECT_FALSE(range_in({{"from", "2026-01-01"}, {"to", "2026-01-01"}}));
  EXPECT_FALSE(range_in({{"from", 1}}));
  EXPECT_FALSE(range_in(Json::object())->from);
}

TEST(JsonBody, limits_are_those_of_pages) {
  EXPECT_EQ(limit_in(Json::object()).value(), kItemsOfPage);
  EXPECT_EQ(limit_in({{"limit", 1'000U}}).value(), 1'000U);
  for (const Json& wrong : {Json(0U), Json(1'001U), Json(-1), Json(1.5), Json("5")}) {
    EXPECT_FALSE(limit_in({{"limit", wrong}})) << wrong;
  }
}

TEST(JsonBody, cursors_are_read_as_they_are_written) {
  const auto read = cursor_in({{"cursor", to_string(ListCursor{18'446'744'073'709'551'615U, 7})}});
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->of, 18'446'744'073'709'551'615U);
  EXPECT_EQ((*read)->passed, 7U);
  EXPECT_FALSE(cursor_in(Json::object())->has_value());
  for (const char* const wrong : {".", "1", "1.", ".1", "1.2.3", "a.1", "1.-1", "18446744073709551616.1"}) {
    EXPECT_FALSE(cursor_in({{"cursor", wrong}})) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::service

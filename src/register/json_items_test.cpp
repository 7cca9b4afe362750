#include "register/json_items.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weerbaar::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Cut {
  std::vector<std::string> items;
  std::vector<std::string> pages;
  Status status;
};

Cut cut(std::string_view file) {
  Cut result;
  result.status = cut_json(
      file, "Resources",
      [&](const JsonItem& item) -> Status {
        result.items.push_back(fmt::format("{}: {}{}", item.number, item.text, item.is_loose ? " loose" : ""));
        return {};
      },
      [&](const JsonPage& page) -> Status {
        result.pages.push_back(fmt::format("{} {}", page.items, page.find("total")));
        return {};
      });
  return result;
}

TEST(JsonItems, are_objects_one_after_another) {
  const Cut found = cut("\xEF\xBB\xBF{\"a\":1}\r\n{\"b\":{\"c\":[1,{}]}}{}");
  ASSERT_TRUE(found.status) << found.status.error().text;
  EXPECT_THAT(found.items, ElementsAre("1: {\"a\":1} loose", "2: {\"b\":{\"c\":[1,{}]}} loose", "3: {} loose"));
  EXPECT_THAT(found.pages, IsEmpty());
}

TEST(JsonItems, are_the_elements_of_an_array_whatever_those_are) {
  const Cut found = cut(" [ {\"a\" : \"]}\\\"\"} , 7, \"x\" , [ ] ] [{}]");
  EXPECT_THAT(found.items, ElementsAre("1: {\"a\" : \"]}\\\"\"}", "2: 7", "3: \"x\"", "4: [ ]", "5: {}"));
  EXPECT_THAT(found.pages, ElementsAre("4 ", "1 "));
  EXPECT_THAT(cut("[]").items, IsEmpty());
  EXPECT_THAT(cut("").items, IsEmpty());
}

TEST(JsonItems, are_numbered_over_all_pages_of_a_list) {
  const Cut found =
      cut(R"({"total": 3, "resources": [{"a":1},{"b":2}], "x": {"total": 9}}[{"Resources":[{"c":3}],"total":null}])");
  ASSERT_TRUE(found.status) << found.status.error().text;
  EXPECT_THAT(found.items, ElementsAre("1: {\"a\":1}", "2: {\"b\":2}", "3: {\"c\":3}"));
  EXPECT_THAT(found.pages, ElementsAre("2 3", "1 "));
}

TEST(JsonItems, stand_on_a_page_also_when_there_are_none) {
  EXPECT_THAT(cut("[]").pages, ElementsAre("0 "));
  EXPECT_THAT(cut(R"({"Resources":[],"total":0})").pages, ElementsAre("0 0"));
  EXPECT_THAT(cut(R"([{"Resources":[]},{"Resources":[]}])").pages, ElementsAre("0 ", "0 "));
}

TEST(JsonPage, gives_a_member_as_a_count_or_says_that_it_is_none) {
  const JsonPage page{{{"Total", "12"}, {"none", "null"}, {"text", "\"12\""}, {"huge", "18446744073709551615"}}, 0};
  EXPECT_EQ(*page.find_count("total"), std::optional<uint64_t>(12));
  EXPECT_EQ(*page.find_count("none"), std::optional<uint64_t>());
  EXPECT_EQ(*page.find_count("absent"), std::optional<uint64_t>());
  EXPECT_EQ(page.find_count("text").error().code, Code::kInvalid);
  EXPECT_EQ(page.find_count("huge").error().code, Code::kInvalid);
}

TEST(JsonItems, name_the_item_and_the_line_at_which_the_brackets_do_not_fit) {
  for (const auto& [file, place] : {std::pair("{}\n{\"a\":", "item 2, line 2"),
                                    {"{}\n[{},\n{\"a\":[}]", "item 3, line 3"},
                                    {"{\"a\":1 \"b\":2}", "item 1, line 1"},
                                    {"{\"a\"}", "item 1, line 1"},
                                    {"{a:1}", "item 1, line 1"},
                                    {"[{} {}]", "item 2, line 1"},
                                    {"[{}", "item 2, line 1"},
                                    {"{\"a\":\"b", "item 1, line 1"},
                                    {"{\"a\":\"b\\", "item 1, line 1"},
                                    {"{\"a\":,}", "item 1, line 1"},
                                    {"{\"Resources\":[],\"Resources\":[]}", "item 1, line 1"},
                                    {"secret", "item 1, line 1"}}) {
    const Cut found = cut(file);
    ASSERT_FALSE(found.status) << file;
    EXPECT_EQ(found.status.error().code, Code::kInvalid);
    EXPECT_THAT(found.status.error().text, HasSubstr(place)) << file;
    EXPECT_THAT(found.status.error().text, Not(HasSubstr("secret")));
  }
}

TEST(JsonItems, nest_no_deeper_than_the_limit) {
  const auto nested = [](size_t levels) {
    return "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(cut(nested(kItemDepthMax)).status);
  EXPECT_THAT(cut(nested(kItemDepthMax + 1)).status.error().text, HasSubstr("deeper than 64"));
  EXPECT_FALSE(cut(nested(1'000'000)).status);
}

TEST(JsonItems, end_with_the_error_of_who_takes_them) {
  int taken = 0;
  const Status status = cut_json(
      "{}{}{}", "Resources",
      [&](const JsonItem&) { return ++taken == 2 ? Status(fail(Code::kStopped, "enough")) : Status(); },
      [](const JsonPage&) { return Status(); });
  EXPECT_EQ(status.error().code, Code::kStopped);
  EXPECT_EQ(taken, 2);
}

TEST(ItemParser, gives_members_by_name_and_says_which_is_of_another_kind) {
  ItemParser parser;
  const auto object = parser.parse(R"({"userName":"u1","Twice":1,"twice":2,"n":null,"o":{"x":1},"a":[1]})");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(find_text(*object, "username"), "u1");
  EXPECT_EQ(find_text(*object, "n"), "");
  EXPECT_EQ(find_text(*object, "absent"), "");
  EXPECT_THAT(find_text(*object, "o").error().text, HasSubstr("\"o\" is no text"));
  EXPECT_THAT(find_text(*object, "twice").error().text, HasSubstr("there twice"));
  EXPECT_TRUE(find_object(*object, "O")->has_value());
  EXPECT_FALSE(find_object(*object, "n")->has_value());
  EXPECT_FALSE(find_object(*object, "a").has_value());
  EXPECT_TRUE(find_array(*object, "a")->has_value());
  EXPECT_FALSE(find_array(*object, "o").has_value());
}

TEST(ItemParser, refuses_what_is_no_object_without_repeating_it) {
  ItemParser parser;
  for (const std::string_view text :
       {"[]", "7", "\"secret\"", "{\"a\":secret}", "{\"a\":1,}", "{\"a\":\"\xFF\"}", ""}) {
    const auto object = parser.parse(text);
    ASSERT_FALSE(object.has_value()) << text;
    EXPECT_THAT(object.error().text, Not(HasSubstr("secret")));
  }
  const std::string huge = "{\"a\":\"" + std::string(kItemBytesMax, 'x') + "\"}";
  EXPECT_THAT(parser.parse(huge).error().text, HasSubstr("larger than 16 MiB"));
  EXPECT_TRUE(parser.parse("{\"a\":1}").has_value());
}

}  // namespace
}  // namespace weerbaar::facts

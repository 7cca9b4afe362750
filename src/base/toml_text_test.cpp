#include "base/toml_text.h"

#include <gtest/gtest.h>

#include <string>

namespace weerbaar {
namespace {

// "line:column", or "none".
std::string stray_in(std::string_view text) {
  const auto place = find_stray_character(text);
  return place ? std::to_string(place->line) + ":" + std::to_string(place->column) : "none";
}

TEST(TomlText, strings_and_comments_may_hold_any_character) {
  EXPECT_EQ(stray_in(""), "none");
  EXPECT_EQ(stray_in("\xEF\xBB\xBF# é\na = \"é\" # é\n'é' = 'é\\'\n"), "none");
  EXPECT_EQ(stray_in("a = \"\\\"é\" # \"\n\"é\" = 1"), "none");
  EXPECT_EQ(stray_in("a = '#' # 'é\n"), "none");
  EXPECT_EQ(stray_in("a = \"\"\"\nb\"\"\"\n"), "none");
}

TEST(TomlText, elsewhere_the_first_one_is_found) {
  EXPECT_EQ(stray_in("é = 1"), "1:1");
  EXPECT_EQ(stray_in("a = 1\nb = é\n"), "2:5");
  EXPECT_EQ(stray_in("a = \"éé\"é\n"), "1:9");
  EXPECT_EQ(stray_in("a = \"\"é\n"), "1:7");
  EXPECT_EQ(stray_in("a = 'x\\'é\n"), "1:9");
  EXPECT_EQ(stray_in("a = \"\\é\"\n"), "1:7");
  EXPECT_EQ(stray_in("# é\n\xFF"), "2:1");
}

TEST(TomlText, behind_the_start_of_a_string_of_several_lines_there_may_be_none) {
  EXPECT_EQ(stray_in("a = \"\"\"\\\n é\"\"\"\n"), "2:2");
  EXPECT_EQ(stray_in("a = '''\n'''\n# é\n"), "3:3");
}

TEST(TomlText, a_string_that_its_line_does_not_end_is_left_to_the_parser) {
  EXPECT_EQ(stray_in("a = \"é\né = 1\n"), "none");
  EXPECT_EQ(stray_in("a = \"\\\né = 1\n"), "none");
  EXPECT_EQ(stray_in("a = \"\\"), "none");
}

}  // namespace
}  // namespace weerbaar

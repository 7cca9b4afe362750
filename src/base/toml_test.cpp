#include "base/toml.h"

#include <gtest/gtest.h>

namespace weerbaar {
namespace {

TEST(Toml, tells_the_place_of_what_is_wrong) {
  EXPECT_EQ(parse_toml("a = 1\n", "m.toml")->size(), 1U);
  for (const auto& [text, place] : {std::pair{"a = \n", "m.toml:1:"}, std::pair{"a = 1\nb = é\n", "m.toml:2:5:"},
                                    std::pair{"[*", "m.toml:1:"}, std::pair{"a = 1\na = 2\n", "m.toml:2:"}}) {
    const auto table = parse_toml(text, "m.toml");
    ASSERT_FALSE(table.has_value()) << text;
    EXPECT_EQ(table.error().code, Code::kInvalid);
    EXPECT_TRUE(table.error().text.starts_with(place)) << table.error().text;
  }
}

}  // namespace
}  // namespace weerbaar

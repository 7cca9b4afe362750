#include "ingest/sources/otlp/mapping.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weerbaar::ingest::otlp {
namespace {

TEST(OtlpMapping, without_one_the_defaults_hold) {
  const auto mapping = read_mapping({});
  ASSERT_TRUE(mapping.has_value());
  EXPECT_TRUE(mapping->source.empty());
  EXPECT_FALSE(mapping->halves_may_come_alone);
  EXPECT_FALSE(mapping->spans_may_hold_several);
  EXPECT_EQ(mapping->actor_attributes, (std::vector<std::string>{"weerbaar.actor.id", "enduser.id", "user.id"}));
}

TEST(OtlpMapping, reads_all_keys) {
  const auto mapping =
      read_mapping({"source = 'a'\nsystem = 'B'\nactor_attributes = ['x', 'y']\nhalves_may_come_alone = true\n"
                    "spans_may_hold_several = true\n",
                    "m.toml"});
  ASSERT_TRUE(mapping.has_value()) << mapping.error().text;
  EXPECT_EQ(mapping->source, "a");
  EXPECT_EQ(mapping->system, "B");
  EXPECT_TRUE(mapping->halves_may_come_alone);
  EXPECT_TRUE(mapping->spans_may_hold_several);
  EXPECT_EQ(mapping->actor_attributes, (std::vector<std::string>{"x", "y"}));
}

TEST(OtlpMapping, names_file_line_and_column_of_what_is_wrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"source = ", "m.toml:1:"},
      {"\nsource = 7", "m.toml:2:"},
      {"source = ''", "m.toml:1:"},
      {"source = '" + std::string(65, 'x') + "'", "m.toml:1:"},
      {"system = \"a\\nb\"", "m.toml:1:"},
      {"source = 'a'\n  sourec = 'b'", "m.toml:2:3: an unknown key"},
      {"actor_attributes = 'x'", "m.toml:1:"},
      {"halves_may_come_alone = 'yes'", "m.toml:1:25: halves_may_come_alone must be true or false"},
      {"spans_may_hold_several = 1", "m.toml:1:26: spans_may_hold_several must be true or false"},
      {"actor_attributes = []", "m.toml:1:"},
      {"actor_attributes = ['x', 7]", "m.toml:1:"},
      {"actor_attributes = ['x',\n 'x']", "m.toml:2:2: actor_attributes names an attribute twice"},
  };
  for (const auto& [text, place] : cases) {
    const auto mapping = read_mapping({text, "m.toml"});
    ASSERT_FALSE(mapping.has_value()) << text;
    EXPECT_EQ(mapping.error().code, Code::kInvalid);
    EXPECT_TRUE(mapping.error().text.starts_with(place)) << mapping.error().text;
  }
}

}  // namespace
}  // namespace weerbaar::ingest::otlp

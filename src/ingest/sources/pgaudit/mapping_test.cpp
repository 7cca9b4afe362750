#include "ingest/sources/pgaudit/mapping.h"

#include <gtest/gtest.h>

namespace weerbaar::ingest::pgaudit {
namespace {

TEST(PgauditMapping, has_defaults_and_takes_every_key) {
  const auto defaults = parse_mapping({});
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->source, "pgaudit");
  EXPECT_TRUE(defaults->classes.contains("READ"));
  EXPECT_FALSE(defaults->classes.contains("MISC"));
  EXPECT_EQ(defaults->zones.at("UTC"), "Z");

  const auto mapping = parse_mapping({R"(
source = "inning-sql"
system = "INNING"
classes = ["READ"]
service_users = ["svc"]
actor_from_application_name = true
last_statement_may_go_on = true
application_name_prefix = "u="
zones = {CET = "+01:00"}
[[persons]]
table = "Public.\"Person\""
column = "BSN"
type = "bsn"
[[persons]]
column = "kvk"
type = "kvk"
)",
                                      "m.toml"});
  ASSERT_TRUE(mapping) << mapping.error().text;
  EXPECT_EQ(mapping->classes.size(), 1U);
  EXPECT_TRUE(mapping->last_statement_may_go_on);
  EXPECT_EQ(mapping->zones.at("CET"), "+01:00");
  ASSERT_EQ(mapping->persons.size(), 2U);
  EXPECT_EQ(mapping->persons[0].table, (TableName{"public", "Person"}));
  EXPECT_EQ(mapping->persons[0].column, "bsn");
  EXPECT_EQ(mapping->persons[1].type, SubjectType::kKvk);
}

TEST(PgauditMapping, says_where_it_is_wrong_and_what_to_do) {
  const std::pair<const char*, const char*> cases[] = {
      {"source = ", "m.toml:1:"},
      {"sauce = \"x\"", "m.toml:1:1: unknown key 'sauce'"},
      {"\nsource = 1", "m.toml:2:10: source: write a text"},
      {"classes = [\"READING\"]", "m.toml:1:12: classes: write only READ"},
      {"classes = \"READ\"", "m.toml:1:11: classes: write a list"},
      {"service_users = [1]", "service_users: write texts"},
      {"actor_from_application_name = 1", "write true or false"},
      {"last_statement_may_go_on = \"no\"", "write true or false"},
      {"zones = {CET = \"one\"}", "zones: write an offset"},
      {"zones = 1", "zones: write a table"},
      {"persons = 1", "write [[persons]]"},
      {"persons = [1]", "write [[persons]]"},
      {"[[persons]]\ntype = \"bsn\"", "write the column"},
      {"[[persons]]\ncolumn = \"x\"\ntype = \"cat\"", "write type ="},
      {"[[persons]]\nkolom = \"x\"", "m.toml:2:1: unknown key 'kolom'"},
  };
  for (const auto& [toml, expected] : cases) {
    const auto mapping = parse_mapping({toml, "m.toml"});
    ASSERT_FALSE(mapping) << toml;
    EXPECT_EQ(mapping.error().code, Code::kInvalid);
    EXPECT_NE(mapping.error().text.find(expected), std::string::npos) << mapping.error().text;
  }
  std::string many;
  for (size_t i = 0; i <= kPersonColumnsMax; ++i) many += "[[persons]]\ncolumn = \"a\"\ntype = \"bsn\"\n";
  EXPECT_FALSE(parse_mapping({many, "m.toml"}));
}

}  // namespace
}  // namespace weerbaar::ingest::pgaudit

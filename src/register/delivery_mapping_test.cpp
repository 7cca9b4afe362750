#include "register/delivery_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weerbaar::facts {
namespace {

using ::testing::HasSubstr;

TEST(DeliveryMapping, of_nothing_leaves_everything_to_the_format) {
  const auto scim = parse_delivery_mapping("scim", "", "m.toml");
  ASSERT_TRUE(scim.has_value());
  EXPECT_TRUE(scim->covers("employee"));
  EXPECT_FALSE(scim->covers("unit"));
  EXPECT_FALSE(scim->covers("case"));
  EXPECT_TRUE(scim->origin.empty());
  EXPECT_FALSE(scim->answers.has_value() || scim->may_lack_its_end);
  EXPECT_TRUE(parse_delivery_mapping("ldif", "", "m.toml")->covers("unit"));
  const auto zgw = parse_delivery_mapping("zgw", "", "m.toml");
  EXPECT_TRUE(zgw->covers("case_subject"));
  EXPECT_EQ(zgw->handlers.front(), "behandelaar");
}

TEST(DeliveryMapping, says_what_groups_give_access_to) {
  const auto mapping = parse_delivery_mapping("scim", R"(origin = "directory"
tables = ["employee", "authorisation"]
answers = 2
may_lack_its_end = true
system = "AD"
[[groups]]
name = "BVR-*"
system = "BVR"
[[groups]]
name = "BVR-write*"
system = "BVR"
role = "write"
[[groups]]
name = "BVR-write"
pass_over = true
)",
                                              "m.toml");
  ASSERT_TRUE(mapping.has_value()) << mapping.error().text;
  EXPECT_EQ(mapping->origin, "directory");
  EXPECT_FALSE(mapping->covers("account"));
  EXPECT_EQ(mapping->answers, 2U);
  EXPECT_TRUE(mapping->may_lack_its_end);
  EXPECT_EQ(mapping->find_rule("Everybody"), nullptr);
  EXPECT_EQ(mapping->find_rule("BVR-read")->role, "");
  EXPECT_EQ(mapping->find_rule("BVR-write-all")->role, "write");
  EXPECT_TRUE(mapping->find_rule("BVR-write")->passes_over);
}

TEST(DeliveryMapping, that_is_wrong_is_refused_with_its_place) {
  for (const auto& [format, text, what] : {
           std::tuple("scim", "colour = 1", "m.toml:1:1: unknown key 'colour'"),
           {"zgw", "\nsystem = \"x\"", "m.toml:2:1: unknown key 'system'"},
           {"ldif", "handlers = []", "unknown key 'handlers'"},
           {"scim", "origin = 7", "m.toml:1:10: origin: write a text"},
           {"scim", "origin = \"\"", "write a text of 1 to 1,024 bytes"},
           {"scim", "tables = [\"unit\"]", "m.toml:1:11: tables: write a list of some of account"},
           {"scim", "tables = []", "write a list of some of"},
           {"scim", "tables = \"employee\"", "write a list of some of"},
           {"scim", "pass_over_without_employee = \"yes\"", "write true or false"},
           {"zgw", "answers = 0", "m.toml:1:11: answers: write a number of 1 to"},
           {"zgw", "answers = 1_000_001", "write a number of 1 to"},
           {"zgw", "answers = \"2\"", "write a number of 1 to"},
           {"zgw", "may_lack_its_end = 1", "may_lack_its_end: write true or false"},
           {"scim", "groups = 1", "write [[groups]] sections"},
           {"scim", "groups = [1]", "write [[groups]] sections"},
           {"scim", "[[groups]]\nsystem = \"x\"", "write the name"},
           {"scim", "[[groups]]\nname = \"x\"", "write either the system"},
           {"scim", "[[groups]]\nname = \"x\"\nsystem = \"y\"\npass_over = true", "write either the system"},
           {"scim", "[[groups]]\nname = \"x\"\nrole = \"y\"\npass_over = true", "has no role"},
           {"scim", "[[groups]]\nname = \"x\"\ncolour = 1", "unknown key 'colour'"},
           {"scim", "[[groups]]\nname=\"x\"\nsystem=\"y\"\n[[groups]]\nname=\"x\"\nsystem=\"z\"", "the same name"},
           {"zgw", "handlers = \"x\"", "write a list of generic descriptions"},
           {"zgw", "handlers = [1]", "write a list of generic descriptions"},
           {"zgw", "activities = 1", "write a section of lines"},
           {"zgw", "[activities]\n\"x\" = 1", "m.toml:2:7: activities"},
           {"zgw", "= 1", "m.toml:1:1: this is not TOML"},
           {"zgw", "x = \"\xFF\"", "no text in UTF-8"},
       }) {
    const auto mapping = parse_delivery_mapping(format, text, "m.toml");
    ASSERT_FALSE(mapping.has_value()) << text;
    EXPECT_EQ(mapping.error().code, Code::kInvalid);
    EXPECT_THAT(mapping.error().text, HasSubstr(what)) << text;
  }
}

}  // namespace
}  // namespace weerbaar::facts

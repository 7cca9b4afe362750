#include "register/distinguished_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weerbaar::facts {
namespace {

std::string normal(std::string_view text) {
  const auto name = parse_distinguished_name(text);
  EXPECT_TRUE(name.has_value()) << text;
  return name ? name->normal : "";
}

TEST(DistinguishedName, of_one_entry_is_the_same_text_however_it_is_written) {
  for (const auto& [a, b] : {std::pair("CN=Jan Jansen,OU=Noord,DC=example", "cn=jan  JANSEN, ou = noord ,dc=Example"),
                             {"cn=a\\2Cb,dc=x", "CN=A\\,B,DC=x"},
                             {"cn=a+sn=b,dc=x", "SN=B + CN=A,dc=x"},
                             {"cn=\\20a\\20,dc=x", "cn=a,dc=x"},
                             {"cn=#04024A", "CN= #04024a "},
                             {"cn=\xC3\x89lise", "cn=\\C3\\A9LISE"},
                             {"cn=a\\\\b", "cn=a\\5Cb"}}) {
    EXPECT_EQ(normal(a), normal(b)) << a;
  }
}

TEST(DistinguishedName, of_different_entries_differs) {
  for (const auto& [a, b] : {std::pair("cn=a,dc=x", "cn=a,dc=y"),
                             {"cn=a,dc=x", "ou=a,dc=x"},
                             {"cn=a\\,dc=x", "cn=a,dc=x"},
                             {"cn=a\\+sn=b", "cn=a+sn=b"},
                             {"cn=#6162", "cn=\\#6162"},
                             {"cn=a\\\\,dc=b", "cn=a\\\\\\,dc=b"},
                             {"cn=a b", "cn=ab"},
                             {"cn=\xC3\x97", "cn=\xC3\xB7"}}) {
    EXPECT_NE(normal(a), normal(b)) << a;
  }
}

TEST(DistinguishedName, gives_its_first_part_and_the_name_of_the_entry_above) {
  const auto name = parse_distinguished_name("CN=BVR\\, read,OU=Groups,DC=example");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->type, "cn");
  EXPECT_EQ(name->value, "BVR, read");
  EXPECT_EQ(name->parent, "ou=groups,dc=example");
  EXPECT_EQ(name->normal, "cn=bvr\\, read,ou=groups,dc=example");
  EXPECT_EQ(parse_distinguished_name("")->normal, "");
  EXPECT_EQ(parse_distinguished_name("dc=x")->parent, "");
}

TEST(DistinguishedName, that_is_none_is_refused_without_repeating_it) {
  for (const std::string_view text : {"secret", "cn", "=x", "cn=a,", "cn=a,,dc=b", "cn=\"a\"", "cn=a;dc=b", "cn=a\\",
                                      "cn=a\\zz", "cn=#1", "cn=#", "cn=#12xyz", "cn=\\FF", "c n=a", "cn=a\\00", ","}) {
    const auto name = parse_distinguished_name(text);
    ASSERT_FALSE(name.has_value()) << text;
    EXPECT_EQ(name.error().code, Code::kInvalid);
    EXPECT_EQ(name.error().text, "it is no distinguished name as in RFC 4514");
  }
}

}  // namespace
}  // namespace weerbaar::facts

#include "server/people_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/settings.h"

namespace weerbaar::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kHead = "origin = \"o\"\nverifier_key = \"v\"\nkeys = \"k\"\n";
const std::string kOidc =
    "[people.oidc]\nissuer = \"https://i\"\nclient_id = \"c\"\nredirect_uri = \"https://w/api/v1/oidc/callback\"\n";

std::string refusal(const std::string& text) {
  const auto settings = parse_settings(kHead + text);
  return settings ? "" : settings.error().text;
}

TEST(PeopleSettings, have_a_file_in_the_data_directory_and_no_provider_unless_told) {
  const auto settings = parse_settings(kHead);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->people.database, "");
  EXPECT_FALSE(settings->people.oidc);
}

TEST(PeopleSettings, take_a_database_and_a_provider_with_roles) {
  const auto settings = parse_settings(kHead + "[people]\ndatabase = \"postgresql:dbname=w\"\n" + kOidc +
                                       "[people.oidc.roles]\n\"a b\" = [\"analyst\", \"employee\"]\n");
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(settings->people.database, "postgresql:dbname=w");
  ASSERT_TRUE(settings->people.oidc);
  EXPECT_EQ(settings->people.oidc->issuer, "https://i");
  EXPECT_EQ(settings->people.oidc->employee_claim, "sub");
  EXPECT_FALSE(settings->people.oidc->plain_http_to_loopback);
  EXPECT_THAT(settings->people.oidc->roles.at("a b"), ElementsAre("analyst", "employee"));
}

TEST(PeopleSettings, are_refused_with_their_place_when_wrong) {
  EXPECT_THAT(refusal("people = 1\n"), HasSubstr("[people]"));
  EXPECT_THAT(refusal("[people]\ndatbase = \"x\"\n"), HasSubstr("weerbaar.toml:5"));
  EXPECT_THAT(refusal("[people.oidc]\nissuer = \"https://i\"\n"), HasSubstr("client_id"));
  EXPECT_THAT(refusal(kOidc + "[people.oidc.roles]\na = [\"root\"]\n"), HasSubstr("weerbaar.toml:9"));
  EXPECT_THAT(refusal(kOidc + "[people.oidc.roles]\na = \"analyst\"\n"), HasSubstr("weerbaar.toml:9"));
  EXPECT_THAT(refusal("[people]\ndatabase = \"oracle:x\"\n"), HasSubstr("weerbaar.toml:5:12: people.database"));
  EXPECT_THAT(refusal(kOidc + "roles = 1\n"), HasSubstr("people.oidc.roles"));
}

std::string oidc(const std::string& issuer, const std::string& redirect, const std::string& more = "") {
  return "[people.oidc]\nissuer = \"" + issuer + "\"\nclient_id = \"c\"\nredirect_uri = \"" + redirect + "\"\n" + more;
}

TEST(PeopleSettings, refuse_a_provider_that_no_login_could_reach_or_come_back_from) {
  const std::string good = "https://w.example.org/api/v1/oidc/callback";
  const std::string plain = "plain_http_to_loopback = true\n";
  EXPECT_EQ(refusal(oidc("https://login.example.org/realm", good)), "");
  for (const char* const issuer : {"http://login.example.org", "x", "https://a b", "http://127.0.0.1:8080"}) {
    EXPECT_THAT(refusal(oidc(issuer, good)), HasSubstr("weerbaar.toml:5:10: people.oidc.issuer")) << issuer;
  }
  EXPECT_EQ(refusal(oidc("http://127.0.0.1:8080", good, plain)), "");
  EXPECT_THAT(refusal(oidc("http://127.0.0.1.example.org", good, plain)), HasSubstr("people.oidc.issuer"));
  for (const char* const redirect :
       {"y", "https://w.example.org/", "http://w.example.org/api/v1/oidc/callback",
        "https://w.example.org/api/v1/oidc/callback/", "https://w.example.org/api/v1/oidc/callback?a=b"}) {
    EXPECT_THAT(refusal(oidc("https://i", redirect, plain)), HasSubstr("weerbaar.toml:7:16: people.oidc.redirect_uri"))
        << redirect;
  }
  EXPECT_EQ(refusal(oidc("https://i", "http://localhost:8443/api/v1/oidc/callback", plain)), "");
}

}  // namespace
}  // namespace weerbaar::server

#include "server/log_settings.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "os/testing.h"
#include "server/settings.h"
#include "witness/testing.h"

namespace weerbaar::server {
namespace {

const std::string kRequired = "origin = \"o\"\nverifier_key = \"v\"\nkeys = \"k\"\n";
const std::string kHash(64, 'a');

std::string witness(std::string_view name, uint8_t seed, std::string_view url = "https://w.example") {
  const auto key = witness::key_of("w.example", seed, trail::SignatureType::kCosignature).verifier().format();
  return fmt::format("[[serve.witness]]\nname = \"{}\"\nurl = \"{}\"\nkey = \"{}\"\n", name, url, key);
}

TEST(LogSettings, name_the_witnesses_and_ask_a_majority_unless_they_say_otherwise) {
  const std::string three = witness("a", 1) + witness("b", 2, "http://127.0.0.1:8444/w") + witness("c", 3);
  const auto settings = parse_settings(kRequired + "[serve]\nwitness_every = \"30s\"\nsign_every = \"1s\"\n" + three);
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  const LogSettings& log = settings->serve.log;
  ASSERT_EQ(log.witnesses.size(), 3U);
  EXPECT_EQ(log.witnesses[1].url, "http://127.0.0.1:8444/w");
  EXPECT_TRUE(log.witnesses[1].plain_http());
  EXPECT_FALSE(log.witnesses[0].plain_http());
  EXPECT_EQ(log.witness_quorum, 2);
  EXPECT_EQ(log.witness_every, std::chrono::seconds(30));
  EXPECT_EQ(log.sign_every, std::chrono::seconds(1));
  EXPECT_EQ(parse_settings(kRequired + "[serve]\nwitness_quorum = 3\n" + three)->serve.log.witness_quorum, 3);
  EXPECT_EQ(parse_settings(kRequired + "[serve]\nwitness_quorum = 0\n" + three)->serve.log.witness_quorum, 0);
  EXPECT_EQ(parse_settings(kRequired + witness("a", 1))->serve.log.witness_quorum, 1);
  EXPECT_EQ(parse_settings(kRequired)->serve.log.witness_quorum, 0);
}

TEST(LogSettings, name_the_mirrors) {
  const auto settings =
      parse_settings(kRequired + "[[serve.mirror]]\nname = \"archive\"\ntoken_sha256 = \"" + kHash + "\"\n");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  ASSERT_EQ(settings->serve.log.mirrors.size(), 1U);
  EXPECT_EQ(settings->serve.log.mirrors[0].name, "archive");
}

TEST(LogSettings, say_where_and_what_is_wrong) {
  const std::string mirror = "[[serve.mirror]]\nname = \"a\"\n";
  const std::string log_key = witness::key_of("l", 1).verifier().format();
  const std::pair<std::string, std::string> cases[] = {
      {"[serve]\nwitness = 1\n", "serve.witness is a list"},
      {"[serve]\nwitness = [1]\n", "[[serve.witness]]"},
      {witness("a b", 1), "weerbaar.toml:4:1: serve.witness.name"},
      {witness("", 1), "serve.witness.name"},
      {witness("../x", 1), "serve.witness.name"},
      {witness("a", 1, "http://w.example"), "serve.witness.url"},
      {witness("a", 1, "https://w.example/"), "serve.witness.url"},
      {witness("a", 1, "https://"), "serve.witness.url"},
      {witness("a", 1, "http://127.0.0.1:80@w.example"), "serve.witness.url"},
      {witness("a", 1, "file:///x"), "serve.witness.url"},
      {"[[serve.witness]]\nname = \"a\"\nurl = \"https://w\"\nkey = \"secret\"\n", "serve.witness.key"},
      {"[[serve.witness]]\nname = \"a\"\nurl = \"https://w\"\nkey = \"" + log_key + "\"\n", "the key of a witness"},
      {witness("a", 1) + witness("a", 2), "two witnesses have the same name or key"},
      {witness("a", 1) + witness("b", 1), "two witnesses have the same name or key"},
      {witness("a", 1) + "token = \"x\"\n", "unknown setting serve.witness.token"},
      {"[serve]\nwitness_quorum = 1\n", "serve.witness_quorum is a whole number from 0 to 0"},
      {"[serve]\nwitness_quorum = 2\n" + witness("a", 1), "serve.witness_quorum is a whole number from 0 to 1"},
      {"[serve]\nwitness_every = \"0s\"\n", "serve.witness_every"},
      {"[serve]\nsign_every = \"2h\"\n", "serve.sign_every"},
      {mirror, "the mirror needs token_sha256 or certificate_subject"},
      {mirror + "token_sha256 = \"secret\"\n", "64 hexadecimal digits"},
      {mirror + "certificate_subject = \"CN=a\"\n", "serve.client_authorities"},
      {"[[serve.mirror]]\ntoken_sha256 = \"" + kHash + "\"\n", "serve.mirror.name"},
      {mirror + "token_sha256 = \"" + kHash + "\"\n" + mirror + "token_sha256 = \"" + kHash + "\"\n",
       "two mirrors have the same name"},
  };
  for (const auto& [text, named] : cases) {
    const auto settings = parse_settings(kRequired + text);
    ASSERT_EQ(os::refusal(settings), Code::kInvalid) << text;
    EXPECT_NE(settings.error().text.find(named), std::string::npos) << settings.error().text;
    EXPECT_EQ(settings.error().text.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace weerbaar::server

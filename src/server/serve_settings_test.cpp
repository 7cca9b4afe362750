#include "server/serve_settings.h"

#include <gtest/gtest.h>

#include "os/testing.h"
#include "server/settings.h"

namespace weerbaar::server {
namespace {

const std::string kRequired = "origin = \"o\"\nverifier_key = \"v\"\nkeys = \"k\"\n";
const std::string kHash(64, 'a');

TEST(ServeSettings, are_read_with_the_defaults_of_what_is_left_out) {
  const auto settings = parse_settings(kRequired + R"(
[serve]
listen = "[::1]:9000"
workers = 8
client_authorities = "ca.pem"
[[serve.source]]
name = "bvr"
token_sha256 = ")" + kHash + R"("
[[serve.source]]
name = "inning"
certificate_subject = "CN=inning,O=Example"
join_within = "10m"
mapping = "inning.toml"
)");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  const ServeSettings& serve = settings->serve;
  EXPECT_EQ(serve.listen.address, "::1");
  EXPECT_EQ(serve.listen.port, 9'000);
  EXPECT_EQ(serve.workers, 8);
  EXPECT_EQ(serve.connections, 4'096);
  EXPECT_FALSE(serve.plain_http);
  ASSERT_EQ(serve.sources.size(), 2U);
  EXPECT_EQ(serve.sources[0].token_sha256, kHash);
  EXPECT_EQ(serve.sources[1].certificate_subject, "CN=inning,O=Example");
  EXPECT_EQ(serve.sources[1].join_within, std::chrono::minutes(10));
  EXPECT_EQ(serve.sources[0].join_within, std::chrono::minutes(5));
  EXPECT_EQ(serve.waiting_mebibytes, 256);
  EXPECT_TRUE(parse_settings(kRequired)->serve.sources.empty());
}

TEST(ServeSettings, leave_room_for_the_largest_body_as_it_comes_and_decompressed) {
  const auto settings = parse_settings(kRequired + "[serve]\nbody_mebibytes = 8\nbodies_mebibytes = 16\n");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_EQ(settings->serve.bodies_mebibytes, 16);
}

TEST(ServeSettings, without_tls_listen_on_this_machine) {
  for (const char* const address : {"127.0.0.1", "127.9.9.9", "[::1]"}) {
    const auto settings = parse_settings(kRequired + "[serve]\nplain_http = true\nlisten = \"" + address + ":8080\"\n");
    EXPECT_TRUE(settings.has_value()) << settings.error().text;
  }
}

TEST(ServeSettings, say_where_and_what_is_wrong) {
  const std::string source = "[[serve.source]]\nname = \"a\"\n";
  const std::string token = "token_sha256 = \"" + kHash + "\"\n";
  const std::pair<std::string, std::string> cases[] = {
      {"serve = 1\n", "weerbaar.toml:4:9: serve is a section"},
      {"[serve]\nlisten = \"nowhere\"\n", "serve.listen"},
      {"[serve]\nport = 1\n", "weerbaar.toml:5:8: unknown setting serve.port"},
      {"[serve]\nworkers = 0\n", "serve.workers"},
      {"[serve]\nplain_http = 1\n", "serve.plain_http"},
      {"[serve]\nforwarded_for = 1\n", "serve.forwarded_for"},
      {"[serve]\nforwarded_for = true\n", "weerbaar.toml:5:17: serve.forwarded_for is for a proxy on this machine"},
      {"[serve]\ncertificate = \"a\"\n", "serve.certificate and serve.key"},
      {"[serve]\nsource = 1\n", "serve.source"},
      {"[serve]\nsource = [1]\n", "[[serve.source]]"},
      {source, "needs token_sha256"},
      {source + "token_sha256 = \"secret\"\n", "64 hexadecimal digits"},
      {source + token + source + token, "two sources have the same name"},
      {source + token + "[[serve.source]]\nname = \"b\"\n" + token, "two sources have the same token_sha256"},
      {"[[serve.source]]\nname = \"self\"\n" + token, "serve.source.name"},
      {"[[serve.source]]\nname = \"a b\"\n" + token, "serve.source.name"},
      {"[[serve.source]]\nname = \"a\\\"\"\n" + token, "serve.source.name"},
      {"[[serve.source]]\n" + token, "serve.source.name"},
      {source + "certificate_subject = \"CN=a\"\n", "serve.client_authorities"},
      {source + token + "join_within = \"5\"\n", "serve.source.join_within"},
      {source + token + "join_within = \"-1m\"\n", "serve.source.join_within"},
      {source + token + "join_within = \"25h\"\n", "serve.source.join_within"},
      {source + token + "join_within = \"m\"\n", "serve.source.join_within"},
      {source + token + "join_within = 5\n", "serve.source.join_within"},
      {"[serve]\nwaiting_mebibytes = 0\n", "serve.waiting_mebibytes"},
      {"[serve]\nbodies_mebibytes = 127\n", "weerbaar.toml:5:20: serve.bodies_mebibytes (127) is at least 2 times"},
      {"[serve]\nbody_mebibytes = 257\n", "weerbaar.toml:5:18: serve.bodies_mebibytes (512)"},
      {"[serve]\nbody_mebibytes = 8\nbodies_mebibytes = 15\n", "weerbaar.toml:6:20: serve.bodies_mebibytes"},
      {"[serve]\nplain_http = true\nlisten = \"0.0.0.0:80\"\n", "weerbaar.toml:6:10: without TLS"},
      {"[serve]\nlisten = \"[2001:db8::1]:80\"\nplain_http = true\n", "weerbaar.toml:5:10: without TLS"},
      {source + token + "syslog_mapping = \"a.toml\"\n", "syslog has no tokens"},
      {"[serve]\nsyslog = 1\n", "[serve.syslog]"},
      {"[serve.syslog]\nlisten_tls = \"nowhere\"\n", "serve.syslog.listen_tls"},
      {"[serve.syslog]\nlisten_tls = \"127.0.0.1:6514\"\n", "serve.client_authorities"},
      {"[serve.syslog]\nlisten_tcp = \"0.0.0.0:514\"\n", "plain_on_network"},
      {"[serve.syslog]\nlisten_udp = \"192.0.2.1:514\"\n", "plain_on_network"},
      {"[serve.syslog]\nlisten = \"127.0.0.1:514\"\n", "unknown setting serve.syslog.listen"},
      {source + token + "syslog_mapping = \"a\"\nsyslog_addresses = [\"10.0.0.1/8\"]\n", "nothing but zeros"},
      {source + token + "syslog_mapping = \"a\"\nsyslog_addresses = \"::1\"\n", "is a list"},
      {source + token + "syslog_mapping = \"a\"\nsyslog_addresses = [\"::1\", \"::1/128\"]\n", "twice"},
      {source + token + "syslog_addresses = [\"::1\"]\n", "needs syslog_mapping"},
      {source + token + "counter_attribute = \"host\"\n", "needs sequence_attribute"},
      {source + token + "heartbeat = \"1d\"\n", "serve.source.heartbeat"},
      {"[serve.syslog]\nconnections = 0\n", "serve.syslog.connections"},
      {source + token + "password = \"x\"\n", "unknown setting serve.source.password"},
  };
  for (const auto& [text, named] : cases) {
    const auto settings = parse_settings(kRequired + text);
    ASSERT_EQ(os::refusal(settings), Code::kInvalid) << text;
    EXPECT_NE(settings.error().text.find(named), std::string::npos) << settings.error().text;
    EXPECT_EQ(settings.error().text.find("secret"), std::string::npos);
  }
}

TEST(ServeSettings, name_the_applications_that_may_ask_for_decisions) {
  const std::string application = "[[serve.application]]\nname = \"web\"\n";
  const std::string token = "token_sha256 = \"" + kHash + "\"\n";
  const std::string systems = "systems = [\"BVR\", \"inning\"]\n";
  const auto settings =
      parse_settings(kRequired + "[serve]\npublic_url = \"https://a.example.org\"\n" + application + token + systems);
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_EQ(settings->serve.public_url, "https://a.example.org");
  ASSERT_EQ(settings->serve.applications.size(), 1U);
  EXPECT_EQ(settings->serve.applications[0].name, "web");
  EXPECT_EQ(settings->serve.applications[0].systems, (std::vector<std::string>{"BVR", "inning"}));
  const std::pair<std::string, std::string> cases[] = {
      {application + systems, "needs token_sha256"},
      {application + token, "serve.application.systems lists"},
      {application + token + "systems = []\n", "serve.application.systems lists"},
      {application + token + "systems = [1]\n", "weerbaar.toml:7:12: serve.application.systems holds texts"},
      {application + token + systems + application + token + systems, "two applications have the same name"},
      {application + token + "systems = [\"BVR\", \"…\"]\n", "weerbaar.toml:7:19: serve.application.systems has"},
      {application + token + "systems = [\"...\"]\n", "such as \"BRP\""},
      {application + systems + "token_sha256 = \"secret\"\n", "64 hexadecimal digits"},
      {application + systems + "certificate_subject = \"CN=a\"\n", "serve.client_authorities"},
      {application + systems + token + "mapping = \"x\"\n", "unknown setting serve.application.mapping"},
      {"[[serve.application]]\nname = \"a b\"\n" + token + systems, "serve.application.name"},
      {"[serve]\napplication = 1\n", "write [[serve.application]]"},
      {"[serve]\npublic_url = \"http://a\"\n", "weerbaar.toml:5:14: serve.public_url"},
      {"[serve]\npublic_url = \"https://a/\"\n", "serve.public_url"},
      {"[serve]\npublic_url = \"https://a.example/weerbaar\"\n", "without a path"},
      {"[serve]\npublic_url = \"https://\"\n", "serve.public_url"},
      {"[serve]\npublic_url = \"https://u@a\"\n", "serve.public_url"},
  };
  for (const auto& [text, named] : cases) {
    const auto wrong = parse_settings(kRequired + text);
    ASSERT_EQ(os::refusal(wrong), Code::kInvalid) << text;
    EXPECT_NE(wrong.error().text.find(named), std::string::npos) << wrong.error().text;
    EXPECT_EQ(wrong.error().text.find("secret"), std::string::npos);
  }
}

TEST(ServeSettings, syslog_has_senders_with_certificates) {
  const std::string authorities = "[serve]\nclient_authorities = \"ca.pem\"\n";
  const std::string source = "[[serve.source]]\nname = \"gw\"\nsyslog_mapping = \"gw.toml\"\n";
  const auto settings = parse_settings(kRequired + authorities + "[serve.syslog]\nlisten_tls = \"127.0.0.1:6514\"\n" +
                                       source + "certificate_subject = \"CN=gw\"\n");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_EQ(settings->serve.syslog.tls.value().port, 6'514);
  EXPECT_EQ(settings->serve.syslog.connections, 256);
  EXPECT_EQ(settings->serve.sources.at(0).syslog_mapping, "gw.toml");
}

TEST(ServeSettings, plain_syslog_has_senders_with_addresses_and_is_beyond_this_machine_when_that_is_said) {
  const std::string source =
      "[[serve.source]]\nname = \"gw\"\nsyslog_mapping = \"gw.toml\"\nsyslog_addresses = [\"10.0.0.0/8\", "
      "\"::1\"]\nheartbeat = \"5m\"\nsequence_attribute = \"seq\"\ncounter_attribute = \"node\"\n";
  const auto settings =
      parse_settings(kRequired + std::string("[serve.syslog]\nlisten_tcp = \"127.0.0.1:514\"\n") + source);
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_EQ(settings->serve.syslog.tcp.value().port, 514);
  EXPECT_FALSE(settings->serve.syslog.udp.has_value());
  const service::SourceSettings& read = settings->serve.sources.at(0);
  EXPECT_EQ(read.syslog_addresses, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  EXPECT_EQ(read.heartbeat, std::chrono::minutes(5));
  EXPECT_EQ(read.sequence_attribute, "seq");
  EXPECT_EQ(read.counter_attribute, "node");
  const auto wide = parse_settings(
      kRequired + std::string("[serve.syslog]\nlisten_udp = \"0.0.0.0:514\"\nplain_on_network = true\n") + source);
  ASSERT_TRUE(wide.has_value()) << wide.error().text;
  EXPECT_EQ(wide->serve.syslog.udp.value().address, "0.0.0.0");
}

TEST(ServeSettings, an_address_has_a_port) {
  EXPECT_EQ(parse_listen("0.0.0.0:1").value().port, 1);
  EXPECT_EQ(parse_listen("[2001:db8::1]:65535").value().address, "2001:db8::1");
  for (const char* const text : {"", ":", "1.2.3.4", ":80", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "::1:80",
                                 "[1.2.3.4]:80", "[::1]80", "1.2.3.4:80 ", "1.2.3.4:-1"}) {
    EXPECT_EQ(os::refusal(parse_listen(text)), Code::kInvalid) << text;
  }
}

}  // namespace
}  // namespace weerbaar::server

#include "server/restart_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weerbaar::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kHead = "origin = \"o\"\nverifier_key = \"v\"\nkeys = \"k\"\n";
const std::string kHash(64, 'a');

std::vector<std::string> changed(const std::string& running, const std::string& read) {
  const auto was = parse_settings(kHead + running);
  const auto is = parse_settings(kHead + read);
  EXPECT_TRUE(was) << was.error().text;
  EXPECT_TRUE(is) << is.error().text;
  return was && is ? changed_until_restart(*was, *is) : std::vector<std::string>{"wrong"};
}

TEST(RestartSettings, are_none_where_a_reload_takes_all_over) {
  EXPECT_THAT(changed("", ""), IsEmpty());
  EXPECT_THAT(changed("", "[retention]\nmonths = 12\n"), IsEmpty());
  EXPECT_THAT(changed("",
                      "[serve]\npublic_url = \"https://w\"\ncertificate = \"c\"\nkey = \"k\"\n[[serve.source]]\n"
                      "name = \"a\"\ntoken_sha256 = \"" +
                          kHash + "\"\n"),
              IsEmpty());
}

TEST(RestartSettings, are_named_each) {
  for (const auto& [name, text] : {std::pair{"register", "register = \"sqlite:r\"\n"},
                                   {"report", "[report]\noffice_end = 20\n"},
                                   {"serve.listen", "[serve]\nlisten = \"127.0.0.1:9\"\n"},
                                   {"serve.plain_http", "[serve]\nplain_http = true\n"},
                                   {"serve.workers", "[serve]\nworkers = 1\n"},
                                   {"serve.connections", "[serve]\nconnections = 1\n"},
                                   {"serve.connections_a_client", "[serve]\nconnections_a_client = 1\n"},
                                   {"serve.requests_a_second", "[serve]\nrequests_a_second = 1\n"},
                                   {"serve.body_mebibytes", "[serve]\nbody_mebibytes = 1\n"},
                                   {"serve.bodies_mebibytes", "[serve]\nbodies_mebibytes = 128\n"},
                                   {"serve.waiting_mebibytes", "[serve]\nwaiting_mebibytes = 1\n"},
                                   {"serve.sign_every", "[serve]\nsign_every = \"5s\"\n"},
                                   {"serve.witness_every", "[serve]\nwitness_every = \"5s\"\n"},
                                   {"serve.syslog", "[serve.syslog]\nlisten_tcp = \"127.0.0.1:514\"\n"},
                                   {"people", "[people]\ndatabase = \"sqlite:p\"\n"}}) {
    EXPECT_THAT(changed("", text), ElementsAre(name));
    EXPECT_THAT(changed(text, text), IsEmpty());
  }
}

TEST(RestartSettings, are_all_named_when_there_are_several) {
  EXPECT_THAT(
      changed("[serve]\nplain_http = true\n", "[serve]\nplain_http = true\nforwarded_for = true\nworkers = 2\n"),
      ElementsAre("serve.forwarded_for", "serve.workers"));
}

}  // namespace
}  // namespace weerbaar::server

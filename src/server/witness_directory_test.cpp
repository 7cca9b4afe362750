#include "server/witness_directory.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "os/testing.h"
#include "witness/testing.h"

namespace weerbaar::server {
namespace {

const std::string kRequired = "name = \"w\"\nverifier_key = \"v\"\n";

class WitnessDirectoryTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return directory_.path() + "/w"; }

  os::TemporaryDirectory directory_;
  os::FileSystem& files_ = os::real_file_system();
};

TEST_F(WitnessDirectoryTest, is_made_once_with_a_key_that_only_its_owner_reads) {
  const auto key = WitnessDirectory::create(files_, path(), "witness.example/w1");
  ASSERT_TRUE(key.has_value()) << key.error().text;
  EXPECT_EQ(key->type, trail::SignatureType::kCosignature);
  EXPECT_EQ(os::refusal(WitnessDirectory::create(files_, path(), "witness.example/w1")), Code::kExists);
  EXPECT_EQ(os::refusal(WitnessDirectory::create(files_, path() + "2", "a b")), Code::kInvalid);
  EXPECT_EQ(std::filesystem::status(path() + "/witness.key").permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto opened = WitnessDirectory::open(files_, path());
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  EXPECT_EQ(opened->settings().verifier_key, key->format());
  EXPECT_EQ(opened->open_witness().value()->verifier(), *key);
  EXPECT_EQ(os::refusal(WitnessDirectory::open(files_, directory_.path())), Code::kNotFound);
}

TEST_F(WitnessDirectoryTest, a_key_that_was_exchanged_is_refused) {
  ASSERT_TRUE(WitnessDirectory::create(files_, path(), "witness.example/w1").has_value());
  ASSERT_TRUE(WitnessDirectory::create(files_, path() + "2", "witness.example/w1").has_value());
  std::filesystem::copy_file(path() + "2/witness.key", path() + "/witness.key",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(os::refusal(WitnessDirectory::open(files_, path())->open_witness()), Code::kDenied);
}

TEST_F(WitnessDirectoryTest, a_name_with_quotes_is_one_text_in_the_settings) {
  const std::string name = "a\"b\\c";
  ASSERT_TRUE(WitnessDirectory::create(files_, path(), name).has_value());
  const auto opened = WitnessDirectory::open(files_, path());
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  EXPECT_EQ(opened->settings().name, name);
  EXPECT_TRUE(opened->open_witness().has_value());
}

// The sample was made by another program, from the text of docs/formats/witness.md.
TEST_F(WitnessDirectoryTest, one_of_version_1_that_was_kept_goes_on_where_it_was) {
  std::filesystem::copy(std::filesystem::path(WEERBAAR_SOURCE_DIR) / "tests/fixtures/formats/witness/v1", path(),
                        std::filesystem::copy_options::recursive);
  const auto opened = WitnessDirectory::open(files_, path());
  ASSERT_TRUE(opened.has_value()) << opened.error().text;
  const auto witness = opened->open_witness();
  ASSERT_TRUE(witness.has_value()) << witness.error().text;
  witness::TestLog log;
  log.grow(9);
  const auto stored = (*witness)->stored(log.origin());
  ASSERT_TRUE(stored.has_value() && *stored);
  EXPECT_EQ((*stored)->checkpoint, log.checkpoint(5));
  EXPECT_EQ((*stored)->unix_seconds, 1'700'000'000U);
  EXPECT_EQ((*witness)->add_checkpoint(log.body(0, 9)).body, "5\n");
  EXPECT_EQ((*witness)->add_checkpoint(log.body(5, 9)).outcome, witness::Outcome::kCosigned);
}

TEST(WitnessSettings, name_logs_with_their_keys) {
  const std::string key = witness::key_of("log.example/a", 1).verifier().format();
  const std::string other = witness::key_of("log.example/a", 2).verifier().format();
  const auto settings = parse_witness_settings(kRequired + "[serve]\nlisten = \"[::1]:9\"\nrequests_a_second = 3\n" +
                                               "[[log]]\nkeys = [\"" + key + "\", \"" + other + "\"]\n" +
                                               "[[log]]\norigin = \"log.example/b\"\nkeys = [\"" + key + "\"]\n");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  ASSERT_EQ(settings->logs.size(), 2U);
  EXPECT_EQ(settings->logs[0].origin, "log.example/a");
  EXPECT_EQ(settings->logs[0].keys.size(), 2U);
  EXPECT_EQ(settings->logs[1].origin, "log.example/b");
  EXPECT_EQ(settings->listen.port, 9);
  EXPECT_EQ(settings->requests_a_second, 3);
}

TEST(WitnessSettings, say_where_and_what_is_wrong) {
  const std::string key = witness::key_of("log.example/a", 1).verifier().format();
  const std::string cosigner = witness::key_of("w.example", 1, trail::SignatureType::kCosignature).verifier().format();
  const std::string log = "[[log]]\nkeys = [\"" + key + "\"]\n";
  const std::pair<std::string, std::string> cases[] = {
      {"log = 1\n", "witness.toml:3:7: log is a list"},
      {"log = [1]\n", "[[log]]"},
      {"[[log]]\n", "witness.toml:3:1: log.keys"},
      {"[[log]]\nkeys = []\n", "log.keys"},
      {"[[log]]\nkeys = [1]\n", "a verifier key is a text"},
      {"[[log]]\nkeys = [\"secret\"]\n", "witness.toml:4:9: log.keys"},
      {"[[log]]\nkeys = [\"" + cosigner + "\"]\n", "another type"},
      {log + log, "two logs have the same origin"},
      {log + "key = \"x\"\n", "unknown setting log.key"},
      {"[serve]\nlisten = \"x\"\n", "serve.listen"},
      {"[serve]\nworkers = 0\n", "serve.workers"},
      {"[serve]\ncertificate = \"x\"\n", "go together"},
      {"[serve]\nplain_http = true\nlisten = \"0.0.0.0:1\"\n", "witness.toml:5:10: without TLS"},
      {"[serve]\nport = 1\n", "witness.toml:4:8: unknown setting serve.port"},
      {"serve = 1\n", "serve is a section"},
      {"nonsense = 1\n", "unknown setting nonsense"},
      {"[[[", "this is not TOML"},
  };
  for (const auto& [text, named] : cases) {
    const auto settings = parse_witness_settings(kRequired + text);
    ASSERT_EQ(os::refusal(settings), Code::kInvalid) << text;
    EXPECT_NE(settings.error().text.find(named), std::string::npos) << settings.error().text;
    EXPECT_EQ(settings.error().text.find("secret"), std::string::npos);
  }
  EXPECT_EQ(os::refusal(parse_witness_settings("name = \"w\"\n")), Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::server

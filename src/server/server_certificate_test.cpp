#include "server/server_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/testing.h"

namespace weerbaar::server {
namespace {

using ::testing::HasSubstr;

class ServerCertificateTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(DataDirectory::create(os::real_file_system(), data_path(), "example.org/t", "../keys", 84).has_value());
  }
  [[nodiscard]] std::string data_path() const { return directory_.path() + "/data"; }
  [[nodiscard]] DataDirectory data() const {
    return DataDirectory::open(os::real_file_system(), data_path(), "").value();
  }

  os::TemporaryDirectory directory_;
};

TEST_F(ServerCertificateTest, is_made_once_beside_the_keys_and_never_among_the_data) {
  const auto first = server_certificate(data(), {});
  ASSERT_TRUE(first.has_value()) << first.error().text;
  const auto again = server_certificate(data(), {});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(first->certificate.certificate, again->certificate.certificate);
  EXPECT_EQ(first->certificate.key, again->certificate.key);
  const std::string key = directory_.path() + "/keys/tls.key";
  EXPECT_EQ(std::filesystem::status(key).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  for (const auto& file : std::filesystem::recursive_directory_iterator(data_path())) {
    EXPECT_EQ(file.path().string().find("tls"), std::string::npos);
  }
  // The keys of the log still open.
  DataDirectory opened = data();
  EXPECT_TRUE(opened.keys().has_value());
}

TEST_F(ServerCertificateTest, is_the_one_that_was_made_with_the_directory) {
  const auto made = make_certificate({"weerbaar.example.org", "192.0.2.1"});
  ASSERT_TRUE(made.has_value()) << made.error().text;
  ASSERT_TRUE(keep_server_certificate(data(), *made));
  const auto shown = server_certificate(data(), {});
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->certificate.certificate, made->certificate);
  EXPECT_EQ(shown->certificate.key, made->key);
  EXPECT_EQ(os::refusal(make_certificate({"no name"})), Code::kInvalid);
}

TEST_F(ServerCertificateTest, is_the_one_that_the_settings_name) {
  const std::string names[] = {"localhost"};
  const auto made = http::make_self_signed(names);
  ASSERT_TRUE(made.has_value());
  os::FileSystem& files = os::real_file_system();
  ASSERT_TRUE(os::write_file_atomically(files, data_path() + "/own.crt", as_bytes(made->certificate)));
  ASSERT_TRUE(os::write_file_atomically(files, directory_.path() + "/own.key", as_bytes(made->key)));
  ServeSettings settings;
  settings.certificate = "own.crt";
  settings.key = directory_.path() + "/own.key";
  const auto tls = server_certificate(data(), settings);
  ASSERT_TRUE(tls.has_value()) << tls.error().text;
  EXPECT_EQ(tls->certificate.certificate, made->certificate);
}

TEST_F(ServerCertificateTest, says_which_setting_names_what_is_no_file_or_holds_something_else) {
  const std::string names[] = {"localhost"};
  const auto made = http::make_self_signed(names);
  const auto other = http::make_self_signed(names);
  ASSERT_TRUE(made && other);
  const auto write = [&](const std::string& name, const std::string& content) {
    ASSERT_TRUE(os::write_file_atomically(os::real_file_system(), data_path() + "/" + name, as_bytes(content)));
  };
  write("own.crt", made->certificate);
  write("own.key", made->key);
  write("other.key", other->key);
  write("text", "no PEM");
  const auto refused = [&](const char* certificate, const char* key, const char* authorities) {
    ServeSettings settings;
    settings.certificate = certificate;
    settings.key = key;
    settings.client_authorities = authorities;
    const auto tls = server_certificate(data(), settings);
    return tls ? std::string() : tls.error().text;
  };
  EXPECT_EQ(refused("own.crt", "own.key", "own.crt"), "");
  EXPECT_THAT(refused("/nope", "own.key", ""), HasSubstr("the setting serve.certificate: open /nope"));
  EXPECT_THAT(refused("own.crt", "nope", ""), HasSubstr("the setting serve.key: open " + data_path() + "/nope"));
  EXPECT_THAT(refused("own.crt", "own.key", "nope"), HasSubstr("the setting serve.client_authorities: open"));
  EXPECT_THAT(refused("text", "own.key", ""), HasSubstr("serve.certificate: text holds no certificate"));
  EXPECT_THAT(refused("own.crt", "text", ""), HasSubstr("serve.key: text: this is no key"));
  EXPECT_THAT(refused("own.crt", "other.key", ""), HasSubstr("serve.key: other.key: this key is not that of"));
  EXPECT_THAT(refused("own.crt", "own.key", "text"),
              HasSubstr("serve.client_authorities: text: it holds no certificate"));
  write("broken", made->certificate + "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n" +
                      other->certificate);
  EXPECT_THAT(refused("own.crt", "own.key", "broken"),
              HasSubstr("serve.client_authorities: broken: certificate 2 in it is broken: name the file"));
  write("cut", made->certificate + other->certificate.substr(0, 200));
  EXPECT_THAT(refused("own.crt", "own.key", "cut"), HasSubstr("cut: certificate 2 in it is broken"));
  write("both", "# a remark\n" + made->certificate + "\n" + other->certificate + "\n");
  EXPECT_EQ(refused("own.crt", "own.key", "both"), "");
}

TEST_F(ServerCertificateTest, is_not_made_where_the_keys_are_gone) {
  std::filesystem::rename(directory_.path() + "/keys", directory_.path() + "/away");
  const auto tls = server_certificate(data(), {});
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().code, Code::kNotFound);
  EXPECT_THAT(tls.error().text, HasSubstr("/keys, where the certificate is kept beside the keys, is not there"));
}

}  // namespace
}  // namespace weerbaar::server

#include "server/server_certificate.h"

#include <gtest/gtest.h>

#include "os/testing.h"

namespace weerbaar::server {
namespace {

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
  settings.key = "absent.key";
  EXPECT_EQ(os::refusal(server_certificate(data(), settings)), Code::kNotFound);
}

}  // namespace
}  // namespace weerbaar::server

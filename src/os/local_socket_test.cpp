#include "os/local_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "os/testing.h"

namespace weerbaar::os {
namespace {

constexpr std::chrono::milliseconds kSoon{50};
constexpr std::chrono::milliseconds kLong{20'000};

class LocalSocketTest : public ::testing::Test {
 protected:
  std::unique_ptr<LocalConnection> accepted(LocalListener& listener) {
    auto connection = listener.accept(kLong);
    EXPECT_TRUE(connection.has_value()) << connection.error().text;
    return connection ? std::move(*connection) : nullptr;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/socket";
};

TEST_F(LocalSocketTest, carries_bytes_both_ways_and_tells_of_the_end) {
  const auto listener = listen_locally(path_);
  ASSERT_TRUE(listener.has_value()) << listener.error().text;
  auto here = connect_locally(path_);
  ASSERT_TRUE(here.has_value() && *here != nullptr);
  auto there = accepted(**listener);
  ASSERT_NE(there, nullptr);
  ASSERT_TRUE((*here)->send("a question"));
  EXPECT_EQ(there->receive(kLong).value(), "a question");
  ASSERT_TRUE(there->send("an answer"));
  EXPECT_EQ((*here)->receive(kLong).value(), "an answer");
  EXPECT_EQ(there->receive(kSoon).value(), std::nullopt);
  here->reset();
  EXPECT_EQ(there->receive(kLong).value(), "");
}

TEST_F(LocalSocketTest, tells_of_the_end_of_a_process_that_was_killed) {
  const auto listener = listen_locally(path_).value();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = connect_locally(path_);
    ::pause();
    ::_exit(held.has_value() ? 0 : 1);
  }
  const auto there = accepted(*listener);
  EXPECT_EQ(there->receive(kSoon).value(), std::nullopt);
  ::kill(child, SIGKILL);
  EXPECT_EQ(there->receive(kLong).value(), "");
  ::waitpid(child, nullptr, 0);
}

TEST_F(LocalSocketTest, is_for_its_owner_only_and_gone_when_nobody_listens) {
  EXPECT_EQ(connect_locally(path_).value(), nullptr);
  {
    const auto listener = listen_locally(path_).value();
    struct stat status{};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(listener->accept(kSoon).value(), nullptr);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(connect_locally(path_).value(), nullptr);
}

TEST_F(LocalSocketTest, takes_the_place_of_one_that_was_left_behind) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto left = listen_locally(path_);
    ::_exit(left.has_value() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(connect_locally(path_).value(), nullptr);
  const auto listener = listen_locally(path_).value();
  EXPECT_NE(connect_locally(path_).value(), nullptr);
}

TEST_F(LocalSocketTest, may_have_a_long_path) {
  const std::string deep = directory_.path() + "/" + std::string(200, 'd');
  std::filesystem::create_directory(deep);
  const auto listener = listen_locally(deep + "/socket");
  ASSERT_TRUE(listener.has_value()) << listener.error().text;
  EXPECT_NE(connect_locally(deep + "/socket").value(), nullptr);
  EXPECT_EQ(refusal(listen_locally(directory_.path() + "/none/socket")), Code::kNotFound);
}

}  // namespace
}  // namespace weerbaar::os

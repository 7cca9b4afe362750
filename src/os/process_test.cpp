#include "os/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "os/testing.h"

namespace weerbaar::os {
namespace {

std::string read_all(InputStream& stream) {
  std::string all;
  uint8_t buffer[7];
  for (;;) {
    const auto count = stream.read(buffer);
    EXPECT_TRUE(count.has_value());
    if (!count || *count == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer), *count);
  }
}

TEST(Process, reads_files_and_named_pipes_to_their_end) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "the quick brown fox";
  auto stream = open_input(file);
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ(read_all(**stream), "the quick brown fox");
  const std::string pipe = directory.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] { std::ofstream(pipe) << "through a pipe"; });
  auto piped = open_input(pipe);
  ASSERT_TRUE(piped.has_value());
  EXPECT_EQ(read_all(**piped), "through a pipe");
  writer.join();
}

TEST(Process, says_what_cannot_be_read) {
  const TemporaryDirectory directory;
  EXPECT_EQ(refusal(open_input(directory.path() + "/none")), Code::kNotFound);
  EXPECT_EQ(refusal(open_input(directory.path())), Code::kInvalid);
}

TEST(Process, somebody_runs_it) {
  EXPECT_FALSE(user_name().empty());
}

TEST(Process, requests_wait_until_somebody_asks_for_them) {
  // In a process of its own: what is held stays held.
  EXPECT_EXIT(
      {
        hold_requests();
        ::kill(::getpid(), SIGHUP);
        const bool reload = wait_for_request() == Request::kReload;
        ::kill(::getpid(), SIGTERM);
        const bool stop = wait_for_request() == Request::kStop;
        std::exit(reload && stop ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Process, tells_the_service_manager_how_it_is) {
  const TemporaryDirectory directory;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory.path() + "/notify";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int receiver = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(::bind(receiver, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  tell_service_manager("READY=1");
  char buffer[64];
  const ssize_t count = ::recv(receiver, buffer, sizeof buffer, MSG_DONTWAIT);
  ASSERT_GT(count, 0);
  EXPECT_EQ(std::string_view(buffer, static_cast<size_t>(count)), "READY=1");
  // Nobody there, or nowhere: nothing happens.
  ::setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
  tell_service_manager("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
  tell_service_manager("READY=1");
  EXPECT_LT(::recv(receiver, buffer, sizeof buffer, MSG_DONTWAIT), 0);
  ::close(receiver);
}

TEST(Process, a_thread_gives_way_without_the_others) {
  int inside = -1;
  std::thread([&inside] {
    give_way_to_other_threads();
    inside = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  }).join();
  const int here = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  EXPECT_GE(inside, 10);
  EXPECT_TRUE(here < inside || here >= 10);
}

}  // namespace
}  // namespace weerbaar::os

#include "http/datagram_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/testing.h"

namespace weerbaar::http {
namespace {

class Sender {
 public:
  explicit Sender(uint16_t port, uint32_t address = INADDR_LOOPBACK)
      : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(address);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    to_.sin_family = AF_INET;
    to_.sin_port = htons(port);
    to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  ~Sender() { ::close(socket_); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  [[nodiscard]] bool send(std::string_view bytes) const {
    return ::sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to_), sizeof to_) ==
           static_cast<ssize_t>(bytes.size());
  }

 private:
  int socket_;
  sockaddr_in to_{};
};

// Keeps what came, and can be made to wait.
class Collecting final : public DatagramHandler {
 public:
  void take(std::span<const Datagram> datagrams) override {
    std::unique_lock lock(mutex);
    ++begun;
    changed.notify_all();
    changed.wait(lock, [this] { return !blocked; });
    for (const Datagram& datagram : datagrams) {
      all.push_back(datagram.bytes);
      peer = datagram.address;
    }
    changed.notify_all();
  }
  std::string sender_of(const std::string& address) override { return address == "127.0.0.9" ? "" : address; }
  void drop(const std::string& address) override {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(address, "127.0.0.1");
    ++dropped;
  }
  void end() override {
    const std::lock_guard lock(mutex);
    ++ended;
  }
  // False when it does not come to hold.
  bool wait_for(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, TestClient::kPatience, condition);
  }
  void block(bool yes) {
    const std::lock_guard lock(mutex);
    blocked = yes;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> all;
  std::string peer;
  size_t begun = 0;
  size_t dropped = 0;
  size_t ended = 0;
  bool blocked = false;
};

TEST(DatagramServer, hands_on_each_datagram_as_it_came) {
  Collecting to;
  const auto server = DatagramServer::open({}, to).value();
  const Sender sender(server->port());
  const std::string largest(65'507, 'x');
  ASSERT_TRUE(sender.send("one"));
  ASSERT_TRUE(sender.send(""));
  ASSERT_TRUE(sender.send(largest));
  ASSERT_TRUE(to.wait_for([&] { return to.all.size() == 3; }));
  EXPECT_EQ(to.all, (std::vector<std::string>{"one", "", largest}));
  EXPECT_EQ(to.peer, "127.0.0.1");
  EXPECT_EQ(server->statistics().received, 3U);
  EXPECT_EQ(server->statistics().dropped, 0U);
}

TEST(DatagramServer, stops_after_everything_that_was_received_is_handed_on) {
  Collecting to;
  const auto server = DatagramServer::open({}, to).value();
  const Sender sender(server->port());
  to.block(true);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(sender.send(std::to_string(i)));
  ASSERT_TRUE(to.wait_for([&] { return to.begun == 1; }));
  std::thread stopping([&] { server->stop(); });
  to.block(false);
  stopping.join();
  EXPECT_EQ(to.ended, 1U);
  ASSERT_EQ(to.all.size(), 1'000U);
  EXPECT_EQ(to.all.back(), "999");
}

TEST(DatagramServer, drops_and_counts_what_neither_it_nor_the_kernel_has_room_for) {
  Collecting to;
  DatagramOptions options;
  options.waiting_bytes_max = 8'192;
  options.take_bytes_max = 1;
  options.receive_buffer_bytes = 4'096;
  const auto server = DatagramServer::open(options, to).value();
  const Sender sender(server->port());
  to.block(true);
  const std::string text(1'000, 'x');
  constexpr uint64_t kSent = 500;
  for (uint64_t i = 0; i < kSent; ++i) ASSERT_TRUE(sender.send(text));
  const auto counted = [&] {
    const DatagramStatistics statistics = server->statistics();
    return statistics.received + statistics.dropped_by_kernel;
  };
  for (int i = 0; i < 1'000 && counted() < kSent; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const DatagramStatistics statistics = server->statistics();
  EXPECT_EQ(statistics.received + statistics.dropped_by_kernel, kSent);
  EXPECT_GT(statistics.dropped + statistics.dropped_by_kernel, kSent - 20);
  EXPECT_LE(statistics.waiting_bytes, options.waiting_bytes_max);
  to.block(false);
  server->stop();
  EXPECT_EQ(to.all.size(), statistics.received - statistics.dropped);
  EXPECT_EQ(to.dropped, statistics.dropped);
}

TEST(DatagramServer, who_floods_and_who_is_unknown_takes_no_room_of_the_others) {
  Collecting to;
  DatagramOptions options;
  options.waiting_bytes_max = 20'000;
  const auto server = DatagramServer::open(options, to).value();
  const Sender flood(server->port());
  const Sender unknown(server->port(), INADDR_LOOPBACK + 8);
  const Sender quiet(server->port(), INADDR_LOOPBACK + 1);
  uint64_t sent = 0;
  // In steps, so that the kernel has room for each.
  const auto send = [&](const Sender& by, const std::string& text) {
    EXPECT_TRUE(by.send(text));
    ++sent;
    for (int i = 0; i < 100'000 && server->statistics().received < sent; ++i) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  };
  to.block(true);
  const std::string text(1'000, 'x');
  for (int i = 0; i < 100; ++i) {
    send(unknown, text);
    send(flood, text);
  }
  for (int i = 0; i < 20; ++i) {
    send(quiet, "q" + std::to_string(i));
    send(flood, text);
  }
  ASSERT_EQ(server->statistics().received, 240U);
  EXPECT_GT(server->statistics().dropped, 70U);
  to.block(false);
  server->stop();
  // drop() was told of nobody but the one.
  EXPECT_EQ(to.dropped, server->statistics().dropped);
  EXPECT_EQ(std::ranges::count_if(to.all, [](const std::string& one) { return one.starts_with('q'); }), 20);
  EXPECT_EQ(to.all.size() + to.dropped, 140U);
}

TEST(DatagramServer, says_why_it_cannot_listen) {
  Collecting to;
  DatagramOptions options;
  options.address = "localhost";
  EXPECT_EQ(DatagramServer::open(options, to).error().code, Code::kInvalid);
  const auto first = DatagramServer::open({}, to).value();
  options.address = "127.0.0.1";
  options.port = first->port();
  EXPECT_EQ(DatagramServer::open(options, to).error().code, Code::kBusy);
}

}  // namespace
}  // namespace weerbaar::http

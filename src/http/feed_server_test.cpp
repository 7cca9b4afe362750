#include "http/feed_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/certificate.h"
#include "http/testing.h"
#include "os/testing.h"

namespace weerbaar::http {
namespace {

using std::chrono::milliseconds;

// Keeps what all streams brought, and can be made to wait.
class Collecting final : public FeedHandler {
 public:
  std::unique_ptr<FeedSink> begin(const FeedSender& sender) override {
    const std::lock_guard lock(mutex);
    peer = sender.address;
    if (refuses) return nullptr;
    return std::make_unique<Sink>(*this);
  }
  // False when it does not come to hold.
  bool wait_for(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, TestClient::kPatience, condition);
  }
  template <class T>
  T read(T Collecting::* member) {
    const std::lock_guard lock(mutex);
    return this->*member;
  }
  void block(bool yes) {
    const std::lock_guard lock(mutex);
    blocked = yes;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::string all;
  std::string peer;
  size_t ended = 0;
  size_t begun_takes = 0;
  bool blocked = false;
  bool refuses = false;

 private:
  class Sink final : public FeedSink {
   public:
    explicit Sink(Collecting& to) : to_(to) {}
    bool take(std::string_view bytes) override {
      std::unique_lock lock(to_.mutex);
      ++to_.begun_takes;
      to_.changed.notify_all();
      to_.changed.wait(lock, [this] { return !to_.blocked; });
      to_.all += bytes;
      to_.changed.notify_all();
      return bytes != "stop";
    }
    void end() override {
      const std::lock_guard lock(to_.mutex);
      ++to_.ended;
      to_.changed.notify_all();
    }

   private:
    Collecting& to_;
  };
};

TEST(FeedServer, hands_on_the_bytes_of_a_stream_and_its_end) {
  Collecting to;
  const auto server = FeedServer::open({}, to).value();
  {
    TestClient client(server->port());
    ASSERT_TRUE(client.send("hello "));
    ASSERT_TRUE(to.wait_for([&] { return to.all == "hello "; }));
    ASSERT_TRUE(client.send("there"));
    ASSERT_TRUE(to.wait_for([&] { return to.all == "hello there"; }));
    EXPECT_EQ(to.read(&Collecting::ended), 0U);
  }
  EXPECT_TRUE(to.wait_for([&] { return to.ended == 1; }));
  EXPECT_EQ(to.read(&Collecting::peer), "127.0.0.1");
}

TEST(FeedServer, stops_after_every_sink_has_taken_what_was_read) {
  Collecting to;
  auto server = FeedServer::open({}, to).value();
  TestClient client(server->port());
  to.block(true);
  ASSERT_TRUE(client.send("taken"));
  ASSERT_TRUE(to.wait_for([&] { return to.begun_takes == 1; }));
  std::thread stopping([&] { server->stop(); });
  std::this_thread::sleep_for(milliseconds(50));
  to.block(false);
  stopping.join();
  EXPECT_EQ(to.read(&Collecting::all), "taken");
  EXPECT_EQ(to.read(&Collecting::ended), 1U);
}

TEST(FeedServer, stops_after_it_has_read_what_was_sent_before) {
  Collecting to;
  FeedOptions options;
  options.read_bytes = 1'000;
  auto server = FeedServer::open(options, to).value();
  TestClient client(server->port());
  to.block(true);
  const std::string sent(300'000, 'x');
  std::thread sending([&] { EXPECT_TRUE(client.send(sent)); });
  ASSERT_TRUE(to.wait_for([&] { return to.begun_takes == 1; }));
  std::thread stopping([&] { server->stop(); });
  std::this_thread::sleep_for(milliseconds(50));
  to.block(false);
  sending.join();
  stopping.join();
  EXPECT_EQ(to.read(&Collecting::all).size(), sent.size());
  EXPECT_EQ(to.read(&Collecting::ended), 1U);
}

TEST(FeedServer, stops_after_it_has_read_what_came_over_connections_that_were_just_made) {
  for (int round = 0; round < 10; ++round) {
    Collecting to;
    FeedOptions options;
    options.drain_quiet = milliseconds(100);
    auto server = FeedServer::open(options, to).value();
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 30; ++i) {
      clients.push_back(std::make_unique<TestClient>(server->port()));
      ASSERT_TRUE(clients.back()->send("x"));
    }
    server->stop();
    EXPECT_EQ(to.read(&Collecting::all).size(), clients.size());
  }
}

TEST(FeedServer, a_sender_that_never_ends_does_not_keep_it_from_stopping) {
  Collecting to;
  FeedOptions options;
  options.drain = milliseconds(300);
  options.drain_quiet = milliseconds(200);
  auto server = FeedServer::open(options, to).value();
  TestClient client(server->port());
  std::atomic<bool> ended = false;
  ASSERT_TRUE(client.send("x"));
  ASSERT_TRUE(to.wait_for([&] { return to.begun_takes > 0; }));
  std::thread sending([&] {
    while (client.send("x") && !ended) std::this_thread::sleep_for(milliseconds(1));
  });
  const auto begun = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(5'000));
  ended = true;
  sending.join();
  EXPECT_EQ(to.read(&Collecting::ended), 1U);
}

TEST(FeedServer, a_sender_sees_that_it_stops_while_it_reads_on) {
  Collecting to;
  FeedOptions options;
  options.drain_quiet = milliseconds(2'000);
  auto server = FeedServer::open(options, to).value();
  TestClient client(server->port());
  ASSERT_TRUE(client.send("before"));
  ASSERT_TRUE(to.wait_for([&] { return to.all == "before"; }));
  std::thread stopping([&] { server->stop(); });
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(client.send(" and after"));
  client.end_sending();
  stopping.join();
  EXPECT_EQ(to.read(&Collecting::all), "before and after");
}

TEST(FeedServer, one_client_has_no_more_than_its_connections) {
  Collecting to;
  FeedOptions options;
  options.connections_a_client_max = 2;
  const auto server = FeedServer::open(options, to).value();
  TestClient third_place(server->port());
  {
    TestClient second(server->port());
    ASSERT_TRUE(third_place.send("a"));
    ASSERT_TRUE(second.send("b"));
    ASSERT_TRUE(to.wait_for([&] { return to.all.size() == 2; }));
    TestClient one_too_many(server->port());
    EXPECT_TRUE(one_too_many.ends());
    EXPECT_EQ(server->statistics().connections_refused, 1U);
  }
  ASSERT_TRUE(to.wait_for([&] { return to.ended == 1; }));
  // The place is free a moment after the end was told.
  while (server->statistics().connections_open > 1) std::this_thread::sleep_for(milliseconds(1));
  TestClient next(server->port());
  ASSERT_TRUE(next.send("c"));
  EXPECT_TRUE(to.wait_for([&] { return to.all.size() == 3; }));
}

TEST(FeedServer, many_connections_that_say_half_a_thing_keep_nobody_else_waiting) {
  Collecting to;
  FeedOptions options;
  options.connections_a_client_max = 256;
  const auto server = FeedServer::open(options, to).value();
  std::vector<std::unique_ptr<TestClient>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<TestClient>(server->port()));
    ASSERT_TRUE(slow.back()->send("x"));
  }
  ASSERT_TRUE(to.wait_for([&] { return to.all.size() == slow.size(); }));
  TestClient quick(server->port());
  ASSERT_TRUE(quick.send("quick"));
  EXPECT_TRUE(to.wait_for([&] { return to.all.ends_with("quick"); }));
  slow.clear();
  EXPECT_TRUE(to.wait_for([&] { return to.ended == 200; }));
}

TEST(FeedServer, closes_who_is_unknown_who_is_one_too_many_and_who_is_idle) {
  Collecting to;
  FeedOptions options;
  options.connections_max = 1;
  options.idle = milliseconds(300);
  const auto server = FeedServer::open(options, to).value();
  {
    TestClient first(server->port());
    ASSERT_TRUE(first.send("a"));
    ASSERT_TRUE(to.wait_for([&] { return to.all == "a"; }));
    TestClient second(server->port());
    EXPECT_TRUE(second.ends());
    EXPECT_EQ(server->statistics().connections_refused, 1U);
    EXPECT_TRUE(first.ends());
  }
  EXPECT_EQ(server->statistics().timeouts, 1U);
  EXPECT_TRUE(to.wait_for([&] { return to.ended == 1; }));
  to.refuses = true;
  TestClient unknown(server->port());
  EXPECT_TRUE(unknown.ends());
}

TEST(FeedServer, connections_that_never_say_who_they_are_keep_out_nobody_who_does) {
  Collecting to;
  const os::TemporaryDirectory directory;
  const std::string trusted = directory.path() + "/server.pem";
  FeedOptions options;
  options.connections_max = 4;
  options.tls.emplace();
  options.tls->certificate = make_self_signed(std::vector<std::string>{"localhost"}).value();
  std::ofstream(trusted) << options.tls->certificate.certificate;
  const auto server = FeedServer::open(options, to).value();
  TestClient first(server->port());
  ASSERT_TRUE(first.begin_tls(trusted));
  ASSERT_TRUE(first.send("first "));
  ASSERT_TRUE(to.wait_for([&] { return to.all == "first "; }));
  std::vector<std::unique_ptr<TestClient>> half;
  for (int i = 0; i < 40; ++i) {
    half.push_back(std::make_unique<TestClient>(server->port()));
    ASSERT_TRUE(half.back()->send("\x16\x03\x01"));
  }
  TestClient second(server->port());
  ASSERT_TRUE(second.begin_tls(trusted));
  ASSERT_TRUE(second.send("second "));
  ASSERT_TRUE(to.wait_for([&] { return to.all == "first second "; }));
  ASSERT_TRUE(first.send("again"));
  EXPECT_TRUE(to.wait_for([&] { return to.all == "first second again"; }));
  EXPECT_LE(server->statistics().connections_open, 4U);
  EXPECT_GE(server->statistics().connections_refused, 38U);
}

TEST(FeedServer, what_came_by_tls_in_many_records_is_taken_together) {
  Collecting to;
  const os::TemporaryDirectory directory;
  const std::string trusted = directory.path() + "/server.pem";
  FeedOptions options;
  options.read_bytes = 10'000;
  options.tls.emplace();
  options.tls->certificate = make_self_signed(std::vector<std::string>{"localhost"}).value();
  std::ofstream(trusted) << options.tls->certificate.certificate;
  const auto server = FeedServer::open(options, to).value();
  TestClient client(server->port());
  ASSERT_TRUE(client.begin_tls(trusted));
  to.block(true);
  ASSERT_TRUE(client.send("0"));
  ASSERT_TRUE(to.wait_for([&] { return to.begun_takes == 1; }));
  std::string sent = "0";
  for (int i = 1; i <= 300; ++i) {
    const std::string message = std::to_string(i) + std::string(100, ' ');
    sent += message;
    ASSERT_TRUE(client.send(message));
  }
  to.block(false);
  ASSERT_TRUE(to.wait_for([&] { return to.all.size() == sent.size(); }));
  EXPECT_EQ(to.read(&Collecting::all), sent);
  EXPECT_GE(to.read(&Collecting::begun_takes), 1 + sent.size() / options.read_bytes);
  EXPECT_LT(to.read(&Collecting::begun_takes), 30U);
  // One that comes alone does not wait for others, and the end is seen behind it.
  ASSERT_TRUE(client.send("last"));
  ASSERT_TRUE(to.wait_for([&] { return to.all.ends_with("last"); }));
  client.end_sending();
  EXPECT_TRUE(to.wait_for([&] { return to.ended == 1; }));
}

TEST(FeedServer, a_sink_can_end_its_stream) {
  Collecting to;
  const auto server = FeedServer::open({}, to).value();
  TestClient client(server->port());
  ASSERT_TRUE(client.send("stop"));
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(to.read(&Collecting::ended), 1U);
}

}  // namespace
}  // namespace weerbaar::http

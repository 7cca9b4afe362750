#include "http/feed_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "http/testing.h"

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
    EXPECT_EQ(to.ended, 0U);
  }
  EXPECT_TRUE(to.wait_for([&] { return to.ended == 1; }));
  EXPECT_EQ(to.peer, "127.0.0.1");
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
  EXPECT_EQ(to.all, "taken");
  EXPECT_EQ(to.ended, 1U);
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

TEST(FeedServer, a_sink_can_end_its_stream) {
  Collecting to;
  const auto server = FeedServer::open({}, to).value();
  TestClient client(server->port());
  ASSERT_TRUE(client.send("stop"));
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(to.ended, 1U);
}

}  // namespace
}  // namespace weerbaar::http

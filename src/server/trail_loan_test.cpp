#include "server/trail_loan.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>

#include "os/testing.h"
#include "server/data_directory.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::server {
namespace {

constexpr std::chrono::seconds kLong{30};

// A server that has the trail of a data directory.
class TrailLoanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = directory_.path() + "/data";
    ASSERT_TRUE(
        DataDirectory::create(os::real_file_system(), path_, "example.org/reads", path_ + ".keys", 84).has_value());
    data_ = std::make_unique<DataDirectory>(opened());
    writer_ = std::make_unique<service::EventWriter>(data_->open_trail_alone().value(),
                                                     [this] { return data_->open_trail_alone(); });
    writer_->when_reopened([this] { ++reopened_; });
    auto lender = TrailLender::open(data_->loan_socket(), *writer_, log_);
    ASSERT_TRUE(lender.has_value()) << lender.error().text;
    lender_ = std::move(*lender);
  }
  void TearDown() override {
    lender_.reset();
    ASSERT_TRUE(writer_->finish());
  }
  DataDirectory opened() { return DataDirectory::open(os::real_file_system(), path_, "").value(); }
  // Whether the server takes events; 10 of them.
  bool takes(uint64_t first) {
    EventBatch batch;
    trail::testing::EventMaker(first).make(first, 10, batch);
    return writer_->append(batch.events()).has_value();
  }
  void wait_for(const std::function<bool()>& there) {
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (!there() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(there());
  }

  os::TemporaryDirectory directory_;
  std::string path_;
  service::JsonLog log_{std::tmpfile()};
  std::atomic<int> reopened_ = 0;
  std::unique_ptr<DataDirectory> data_;
  std::unique_ptr<service::EventWriter> writer_;
  std::unique_ptr<TrailLender> lender_;
};

TEST_F(TrailLoanTest, a_command_writes_while_the_server_runs_and_what_came_meanwhile_goes_in_behind_it) {
  ASSERT_TRUE(takes(0));
  std::atomic<bool> taken = false;
  std::thread sender;
  {
    DataDirectory data = opened();
    const auto trail = data.open_trail();
    ASSERT_TRUE(trail.has_value()) << trail.error().text;
    EXPECT_EQ((*trail)->size().value(), 10U);
    sender = std::thread([&] { taken = takes(10); });
    ASSERT_TRUE((*trail)->append_record("test", "{}").has_value());
    ASSERT_TRUE((*trail)->sign().has_value());
    EXPECT_FALSE(taken);
  }
  sender.join();
  EXPECT_TRUE(taken);
  wait_for([this] { return reopened_ == 1; });
  EXPECT_EQ(writer_->totals().size, 21U);
}

TEST_F(TrailLoanTest, many_commands_at_once_have_it_one_after_the_other_and_senders_go_between) {
  std::atomic<int> done = 0;
  std::vector<std::thread> commands;
  for (int command = 0; command < 8; ++command) {
    commands.emplace_back([&] {
      DataDirectory data = opened();
      done += data.with_trail([](trail::Trail& trail) -> Status {
                    WEERBAAR_TRY(trail.append_record("test", "{}"));
                    return {};
                  })
                  .has_value();
    });
  }
  for (uint64_t first = 0; first < 200; first += 10) EXPECT_TRUE(takes(first));
  for (std::thread& command : commands) command.join();
  EXPECT_EQ(done, 8);
  // One that comes just when another gives the trail back may find it free, and need no loan.
  wait_for([this] { return writer_->totals().size == 208U; });
  EXPECT_GE(reopened_, 1);
}

TEST_F(TrailLoanTest, comes_back_from_a_command_that_is_killed) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = borrow_trail(path_ + "/serve.sock");
    ::kill(::getpid(), held.has_value() && *held != nullptr ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  wait_for([this] { return reopened_ == 1; });
  EXPECT_TRUE(takes(0));
}

TEST_F(TrailLoanTest, who_connects_and_asks_nothing_gets_nothing) {
  {
    const auto silent = os::connect_locally(path_ + "/serve.sock").value();
    ASSERT_NE(silent, nullptr);
    ASSERT_TRUE(silent->send("give\n"));
    EXPECT_EQ(silent->receive(kLong).value(), "");
  }
  EXPECT_TRUE(server_runs(path_ + "/serve.sock").value());
  EXPECT_TRUE(takes(0));
  EXPECT_EQ(reopened_, 0);
}

TEST_F(TrailLoanTest, is_not_asked_by_who_writes_for_long) {
  DataDirectory data = opened();
  const auto trail = data.open_trail_for_long();
  ASSERT_EQ(os::refusal(trail), Code::kBusy);
  EXPECT_NE(trail.error().text.find("the server holds the trail"), std::string::npos);
  EXPECT_EQ(reopened_, 0);
}

}  // namespace
}  // namespace weerbaar::server

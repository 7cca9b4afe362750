#include "service/event_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "os/faulty.h"
#include "os/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::service {
namespace {

class EventWriterTest : public trail::testing::TrailFixture {
 protected:
  static EventBatch events(uint64_t first, uint64_t count) {
    EventBatch batch;
    trail::testing::EventMaker(first).make(first, count, batch);
    return batch;
  }
  EventWriter::OpenTrail reopening() {
    return [this] { return trail::Trail::open(options(), trail::Access::kAppend); };
  }
};

TEST_F(EventWriterTest, what_it_took_is_in_the_trail_once_and_signed_when_it_ends) {
  {
    EventWriter writer(open(), reopening());
    const EventBatch batch = events(0, 100);
    for (int i = 0; i < 2; ++i) {
      const auto refused = writer.append(batch.events());
      ASSERT_TRUE(refused.has_value()) << refused.error().text;
      EXPECT_TRUE(refused->empty());
    }
    EXPECT_EQ(writer.totals().accepted, 100U);
    EXPECT_EQ(writer.totals().duplicates, 100U);
    ASSERT_TRUE(writer.finish());
    EXPECT_EQ(os::refusal(writer.append(batch.events())), Code::kStopped);
  }
  const auto trail = open(trail::Access::kRead);
  EXPECT_EQ(trail->size().value(), 100U);
  EXPECT_EQ(trail->checkpoint().size.value(), 100U);
}

TEST_F(EventWriterTest, writes_what_many_threads_give_in_few_groups_and_loses_none) {
  constexpr uint64_t kThreads = 16;
  constexpr uint64_t kRounds = 20;
  EventWriter writer(open(), reopening());
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (uint64_t round = 0; round < kRounds; ++round) {
        const EventBatch batch = events((thread * kRounds + round) * 10, 10);
        const auto refused = writer.append(batch.events());
        EXPECT_TRUE(refused.has_value() && refused->empty());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(writer.totals().accepted, kThreads * kRounds * 10);
  EXPECT_EQ(writer.totals().waiting, 0U);
  EXPECT_LE(writer.totals().groups, kThreads * kRounds);
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(open(trail::Access::kRead)->size().value(), kThreads * kRounds * 10);
}

TEST_F(EventWriterTest, tells_each_giver_which_of_its_own_events_were_refused) {
  const Time long_ago{0, 0};
  const trail::Period gone = trail::period_of(long_ago);
  ASSERT_TRUE(keys_->period_or_create(gone).has_value());
  ASSERT_TRUE(keys_->destroy(gone, Time{1'780'000'000'000'000, 0}, "term").has_value());
  EventWriter writer(open(), reopening());
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      EventBatch batch = events(thread * 100, 10);
      batch.events()[thread].time = long_ago;
      const auto refused = writer.append(batch.events());
      ASSERT_TRUE(refused.has_value());
      ASSERT_EQ(refused->size(), 1U);
      EXPECT_EQ(refused->front().event, thread);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(writer.totals().accepted, 8U * 9);
  EXPECT_EQ(writer.totals().refused, 8U);
}

TEST_F(EventWriterTest, takes_nothing_after_a_failure_until_the_trail_is_open_again) {
  WriterOptions options;
  options.reopen_after = std::chrono::milliseconds(50);
  std::atomic<int> attempts = 0;
  os::FaultyFileSystem faulty(files_);
  trail::TrailOptions on_faulty = this->options();
  on_faulty.files = &faulty;
  auto opened = trail::Trail::open(on_faulty, trail::Access::kAppend);
  ASSERT_TRUE(opened.has_value());
  EventWriter writer(
      std::move(*opened),
      [&]() -> Result<std::unique_ptr<trail::Trail>> {
        if (++attempts < 3) return fail(Code::kNoSpace, "the disk is still full");
        return trail::Trail::open(this->options(), trail::Access::kAppend);
      },
      options);
  const EventBatch batch = events(0, 10);
  ASSERT_TRUE(writer.append(batch.events()).has_value());
  faulty.fail_at(0, os::Fault::kNoSpace, false);
  const EventBatch lost = events(100, 10);
  EXPECT_FALSE(writer.append(lost.events()).has_value());
  EXPECT_FALSE(writer.state().has_value());
  EXPECT_FALSE(writer.append(lost.events()).has_value());
  for (int i = 0; i < 2'000 && !writer.state(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_TRUE(writer.state().has_value());
  EXPECT_EQ(attempts, 3);
  ASSERT_TRUE(writer.append(lost.events()).has_value());
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.totals().failures, 1U);
  EXPECT_EQ(open(trail::Access::kRead)->size().value(), 20U);
}

TEST_F(EventWriterTest, says_to_come_back_when_too_many_events_wait) {
  WriterOptions options;
  options.events_waiting_max = 50;
  options.group_events_max = 10;
  std::atomic<uint64_t> taken = 0;
  std::atomic<uint64_t> turned_away = 0;
  {
    EventWriter writer(open(), reopening(), options);
    std::vector<std::thread> threads;
    for (uint64_t thread = 0; thread < 32; ++thread) {
      threads.emplace_back([&, thread] {
        for (uint64_t round = 0; round < 10; ++round) {
          const EventBatch batch = events((thread * 10 + round) * 40, 40);
          const auto refused = writer.append(batch.events());
          if (refused) {
            taken += 40;
          } else {
            EXPECT_EQ(refused.error().code, Code::kBusy);
            ++turned_away;
          }
          EXPECT_LE(writer.totals().waiting, 50U);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(writer.finish());
  }
  EXPECT_GT(turned_away, 0U);
  EXPECT_EQ(open(trail::Access::kRead)->size().value(), taken);
}

TEST_F(EventWriterTest, work_between_groups_sees_all_that_was_acknowledged_and_is_refused_at_the_end) {
  EventWriter writer(open(), reopening());
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> acknowledged = 0;
  std::thread sender([&] {
    for (uint64_t first = 0; !stop; first += 10) {
      const EventBatch batch = events(first, 10);
      ASSERT_TRUE(writer.append(batch.events()));
      acknowledged += 10;
    }
  });
  for (int i = 0; i < 50; ++i) {
    const uint64_t before = acknowledged;
    uint64_t seen = 0;
    ASSERT_TRUE(writer.between_groups([&seen](trail::Trail& trail) -> Status {
      seen = trail.size().value();
      return {};
    }));
    EXPECT_GE(seen, before);
  }
  stop = true;
  sender.join();
  const Status failed = writer.between_groups([](trail::Trail&) -> Status { return fail(Code::kNoSpace, "full"); });
  EXPECT_EQ(failed.error().code, Code::kNoSpace);
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.between_groups([](trail::Trail&) { return Status(); }).error().code, Code::kStopped);
}

}  // namespace
}  // namespace weerbaar::service

#include "service/event_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "os/faulty.h"
#include "os/testing.h"
#include "trail/store/records.h"
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

TEST_F(EventWriterTest, gives_each_record_its_own_entry_whatever_goes_in_beside_it) {
  constexpr uint64_t kThreads = 8;
  constexpr uint64_t kRounds = 25;
  std::vector<std::vector<std::pair<uint64_t, std::string>>> given(kThreads);
  {
    EventWriter writer(open(), reopening());
    std::vector<std::thread> threads;
    for (uint64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (uint64_t round = 0; round < kRounds; ++round) {
          const std::string one = "{\"thread\":" + std::to_string(thread) + ",\"round\":" + std::to_string(round) + "}";
          const std::string two = one + " ";
          const trail::NewRecord records[] = {{"a", one}, {"b", two}};
          const auto first = writer.append_records(records);
          ASSERT_TRUE(first.has_value()) << first.error().text;
          given[thread].emplace_back(first->value(), one);
          given[thread].emplace_back(first->value() + 1, two);
          const EventBatch batch = events((thread * kRounds + round) * 3, 3);
          ASSERT_TRUE(writer.append(batch.events()).has_value());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(writer.totals().records, kThreads * kRounds * 2);
    ASSERT_TRUE(writer.finish());
    EXPECT_EQ(os::refusal(writer.append_records({})), Code::kStopped);
  }
  const auto trail = open(trail::Access::kRead);
  EXPECT_EQ(trail->size().value(), kThreads * kRounds * 5);
  for (const auto& mine : given) {
    for (const auto& [index, body] : mine) EXPECT_EQ(trail::record_body(*trail, EntryIndex(index)).value(), body);
  }
}

TEST_F(EventWriterTest, refuses_a_record_that_no_entry_can_hold_and_takes_those_of_others) {
  EventWriter writer(open(), reopening());
  const std::string large(70'000, 'x');
  for (const trail::NewRecord& wrong : {trail::NewRecord{"a", large}, {"", "{}"}, {"a", "\xFF"}}) {
    EXPECT_EQ(os::refusal(writer.append_records({&wrong, 1})), Code::kInvalid);
  }
  const trail::NewRecord right{"a", "{}"};
  EXPECT_EQ(writer.append_records({&right, 1}).value(), EntryIndex(0));
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

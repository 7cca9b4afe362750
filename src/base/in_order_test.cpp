#include "base/in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace weerbaar {
namespace {

TEST(InOrder, takes_every_piece_once_and_in_order_whatever_the_numbers_of_threads_and_slots) {
  for (const size_t threads : {1U, 2U, 5U}) {
    for (const size_t slots : {1U, 2U, 7U}) {
      for (const size_t count : {0U, 1U, 3U, 200U}) {
        std::vector<size_t> results(slots);
        std::atomic<size_t> worked = 0;
        std::vector<size_t> taken;
        const auto work = [&](size_t i, const WorkPlace& place) {
          EXPECT_LT(place.thread, threads);
          ASSERT_LT(place.slot, slots);
          // Some are slow, so that later ones are done first.
          if (i % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
          results[place.slot] = i * i;
          ++worked;
        };
        const auto caller = std::this_thread::get_id();
        const auto take = [&](size_t i, size_t slot) -> Status {
          EXPECT_EQ(std::this_thread::get_id(), caller);
          EXPECT_EQ(results[slot], i * i);
          taken.push_back(i);
          return {};
        };
        ASSERT_TRUE(work_in_order(threads, slots, count, work, take));
        EXPECT_EQ(worked, count);
        ASSERT_EQ(taken.size(), count);
        for (size_t i = 0; i < count; ++i) EXPECT_EQ(taken[i], i);
      }
    }
  }
}

TEST(InOrder, works_ahead_no_further_than_there_are_slots) {
  constexpr size_t kSlots = 3;
  std::atomic<size_t> taken = 0;
  const auto work = [&](size_t i, const WorkPlace&) { EXPECT_LT(i, taken + kSlots); };
  const auto take = [&](size_t, size_t) -> Status {
    ++taken;
    return {};
  };
  EXPECT_TRUE(work_in_order(4, kSlots, 500, work, take));
  EXPECT_EQ(taken, 500U);
}

TEST(InOrder, ends_at_the_first_error) {
  for (const size_t threads : {1U, 3U}) {
    size_t taken = 0;
    std::atomic<size_t> worked = 0;
    const auto work = [&](size_t, const WorkPlace&) { ++worked; };
    const auto take = [&](size_t i, size_t) -> Status {
      ++taken;
      return i == 10 ? fail(Code::kInvalid, "enough") : Status();
    };
    const Status status = work_in_order(threads, 4, 1'000'000, work, take);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().text, "enough");
    EXPECT_EQ(taken, 11U);
    EXPECT_LE(worked, 15U);
  }
}

}  // namespace
}  // namespace weerbaar

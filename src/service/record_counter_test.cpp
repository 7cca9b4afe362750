#include "service/record_counter.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <set>

namespace weerbaar::service {
namespace {

Time at(int64_t seconds) {
  return {1'772'000'000'000'000 + seconds * 1'000'000, 0};
}

// The same by sets of single numbers, and by the words of the header.
class SlowCounter {
 public:
  void add(uint64_t number, Time time) {
    const int64_t disorder = RecordCounter::kDisorder.count();
    if (!runs_.empty() && runs_.size() > 1 && time.micros < runs_.back().began.micros - disorder) {
      runs_[runs_.size() - 2].seen.insert(number);
      return;
    }
    const bool begins =
        runs_.empty() || (number <= *runs_.back().seen.rbegin() && time.micros > runs_.back().latest.micros + disorder);
    if (begins) runs_.push_back({number, time, time, {}});
    Run& run = runs_.back();
    run.seen.insert(number);
    run.latest = std::max(run.latest, time);
    run.highest = std::max(run.highest.value_or(number), number);
  }
  [[nodiscard]] std::set<uint64_t> missing(size_t runs_back) const {
    std::set<uint64_t> missing;
    if (runs_back >= runs_.size()) return missing;
    const Run& run = runs_[runs_.size() - 1 - runs_back];
    for (uint64_t number = run.first; number <= *run.highest; ++number) {
      if (!run.seen.contains(number)) missing.insert(number);
    }
    return missing;
  }
  [[nodiscard]] uint64_t missing_in_all() const {
    uint64_t count = 0;
    for (size_t i = 0; i < runs_.size(); ++i) count += missing(i).size();
    return count;
  }
  [[nodiscard]] size_t runs() const { return runs_.size(); }

 private:
  struct Run {
    uint64_t first = 0;
    Time began;
    Time latest;
    std::set<uint64_t> seen;
    std::optional<uint64_t> highest = {};
  };
  std::vector<Run> runs_;
};

NumberSet of(const std::set<uint64_t>& numbers) {
  NumberSet made;
  for (const uint64_t number : numbers) made.add({number, number});
  return made;
}

TEST(RecordCounter, agrees_with_sets_whatever_is_lost_late_twice_out_of_order_or_begun_anew) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::optional<RecordCounter> counter;
    SlowCounter slow;
    std::vector<std::pair<uint64_t, Time>> sent;
    std::vector<std::pair<uint64_t, Time>> late;
    uint64_t number = 1 + random() % 5;
    int64_t clock = 0;
    const auto come = [&](const std::pair<uint64_t, Time>& record) {
      if (counter) {
        counter->add(record.first, record.second);
      } else {
        counter.emplace(record.first, record.second);
      }
      slow.add(record.first, record.second);
      ASSERT_EQ(counter->state().run.missing, of(slow.missing(0)));
      ASSERT_EQ(counter->state().before.missing, of(slow.missing(1)));
      ASSERT_EQ(counter->missing(), slow.missing_in_all());
      ASSERT_EQ(counter->state().restarts + 1, slow.runs());
    };
    for (int step = 0; step < 300; ++step) {
      clock += static_cast<int64_t>(random() % 3);
      sent.push_back({number++, at(clock)});
      const auto luck = random() % 20;
      if (luck == 0) {
        late.push_back(sent.back());
      } else if (luck != 1) {
        come(sent.back());
      }
      if (luck == 2) come(sent[random() % sent.size()]);
      if (luck == 3 && !late.empty()) {
        come(late.front());
        late.erase(late.begin());
      }
      if (random() % 100 == 0) {
        number = random() % 3;
        clock += 10;
      }
    }
  }
}

TEST(RecordCounter, what_is_sent_again_is_no_gap_and_no_restart) {
  RecordCounter counter(1, at(0));
  for (uint64_t number = 2; number <= 10; ++number) counter.add(number, at(static_cast<int64_t>(number)));
  for (uint64_t number = 4; number <= 10; ++number) counter.add(number, at(static_cast<int64_t>(number)));
  EXPECT_EQ(counter.missing(), 0U);
  EXPECT_EQ(counter.state().restarts, 0U);
}

TEST(RecordCounter, a_restart_is_no_gap_and_what_comes_late_from_before_it_fills_the_gap_of_then) {
  RecordCounter counter(100, at(0));
  counter.add(103, at(1));
  counter.add(1, at(20));
  counter.add(2, at(21));
  EXPECT_EQ(counter.missing(), 2U);
  EXPECT_EQ(counter.state().restarts, 1U);
  counter.add(101, at(0));
  EXPECT_EQ(counter.missing(), 1U);
  counter.add(104, at(2));
  EXPECT_EQ(counter.state().last, 2U);
  counter.add(4, at(22));
  EXPECT_EQ(counter.missing(), 2U);
}

TEST(RecordCounter, a_gap_is_told_once_it_stays_and_told_again_when_it_is_filled) {
  RecordCounter counter(1, at(0));
  counter.add(5, at(1));
  EXPECT_TRUE(counter.look().empty());
  counter.add(3, at(1));
  const auto missing = counter.look();
  EXPECT_EQ(missing.missing.ranges(), (std::vector<NumberRange>{{2, 2}, {4, 4}}));
  EXPECT_EQ(counter.look().missing, missing.missing);
  counter.told(missing);
  EXPECT_TRUE(counter.look().empty());
  counter.add(4, at(1));
  const auto came = counter.look();
  EXPECT_EQ(came.came.ranges(), (std::vector<NumberRange>{{4, 4}}));
  counter.told(came);
  EXPECT_TRUE(counter.look().empty());
  EXPECT_EQ(counter.state().run.told, counter.state().run.missing);
}

TEST(RecordCounter, of_more_ranges_than_it_remembers_the_lowest_are_counted_for_ever) {
  RecordCounter counter(0, at(0));
  const uint64_t gaps = 2 * RecordCounter::kRangesMax;
  for (uint64_t i = 1; i <= gaps; ++i) {
    counter.add(2 * i, at(0));
    counter.told(counter.look());
  }
  EXPECT_EQ(counter.missing(), gaps);
  EXPECT_EQ(counter.state().run.missing.ranges().size(), RecordCounter::kRangesMax);
  EXPECT_TRUE(counter.look().came.empty());
  counter.add(1, at(0));
  EXPECT_EQ(counter.missing(), gaps);
  counter.add(2 * gaps - 1, at(0));
  EXPECT_EQ(counter.missing(), gaps - 1);
}

TEST(RecordCounter, a_number_out_of_reach_is_a_gap_of_that_size) {
  RecordCounter counter(0, at(0));
  counter.add(UINT64_MAX, at(1));
  EXPECT_EQ(counter.missing(), UINT64_MAX - 1);
  counter.add(UINT64_MAX, at(2));
  EXPECT_EQ(counter.state().restarts, 0U);
}

}  // namespace
}  // namespace weerbaar::service

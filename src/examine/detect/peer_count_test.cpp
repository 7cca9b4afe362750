#include "examine/detect/peer_count.h"

#include <gtest/gtest.h>

#include <vector>

namespace weerbaar::detect {
namespace {

Crowd crowd_of(uint32_t employees) {
  Crowd crowd;
  crowd.activities.assign(employees, {100, 50, 8});
  crowd.symbols.assign(employees, kUnknown);
  crowd.by_function.assign(employees, 1);
  crowd.by_unit.assign(employees, 1);
  crowd.everyone.assign(employees, 0);
  return crowd;
}

TEST(LastEvents, keeps_the_last_fifty_once_each_in_order) {
  LastEvents events;
  for (uint64_t i = 0; i < 130; ++i) events.add(i / 2);
  const std::vector<uint64_t> kept = events.sorted();
  ASSERT_EQ(kept.size(), kEventsMax);
  EXPECT_EQ(kept.front(), 15U);
  EXPECT_EQ(kept.back(), 64U);
  events.clear();
  EXPECT_TRUE(events.sorted().empty());
}

TEST(PeerCount, gives_those_with_a_count_and_begins_anew) {
  PeerCount count({.rate = {1.0, 0.8}});
  count.add(3, 12, 77);
  count.add(5, 0.5, 78);
  const auto first = count.end_of_period(crowd_of(200));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].employee, 3U);
  EXPECT_GT(first[0].rate.now_peers, 3);
  EXPECT_EQ(count.events_of(3), std::vector<uint64_t>{77});
  count.add(3, 1, 79);
  const auto second = count.end_of_period(crowd_of(200));
  // The others were there, and so have a past of nothing.
  EXPECT_EQ(second.size(), 200U);
  EXPECT_EQ(second[3].count, 1);
  EXPECT_EQ(count.events_of(3), std::vector<uint64_t>{79});
}

TEST(PeerCount, lets_events_stay_for_what_is_judged_over_a_long_time) {
  PeerCount count({.rate = {1.0, 0.8}, .events_stay = true});
  count.add(3, 1, 77);
  count.end_of_period(crowd_of(30));
  count.add(3, 1, 79);
  count.end_of_period(crowd_of(30));
  EXPECT_EQ(count.events_of(3), (std::vector<uint64_t>{77, 79}));
}

TEST(PeerCount, writes_numbers_short) {
  EXPECT_EQ(short_number(3).nl, "3");
  EXPECT_EQ(short_number(2.649).en, "2.6");
  EXPECT_EQ(short_number(2.649).nl, "2,6");
  EXPECT_EQ(short_number(0).en, "0");
}

TEST(PeerCount, says_how_often_as_people_do) {
  const auto both = [](double count) {
    const Words words = in_times(count);
    return words.nl + "/" + words.en;
  };
  EXPECT_EQ(both(1), "één keer/once");
  EXPECT_EQ(both(2), "2 keer/2 times");
  EXPECT_EQ(both(0.3 + 0.7), "één keer/once");
  EXPECT_EQ(both(3.5), "ongeveer 4 keer/about 4 times");
  EXPECT_EQ(both(1.2), "ongeveer één keer/about once");
  EXPECT_EQ(both(0.3), "ongeveer één keer/about once");
  EXPECT_EQ(both(1'200), "1200 keer/1200 times");
}

}  // namespace
}  // namespace weerbaar::detect

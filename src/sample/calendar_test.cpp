#include "sample/calendar.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar::sample {
namespace {

int64_t day(int64_t year, unsigned month, unsigned of_month) {
  return days_from_civil(year, month, of_month);
}

TEST(Calendar, knows_the_days_off_of_2026) {
  EXPECT_EQ(weekday(day(2026, 1, 5)), 0);
  EXPECT_EQ(weekday(0), 3);
  EXPECT_EQ(easter(2026), day(2026, 4, 5));
  EXPECT_EQ(easter(2024), day(2024, 3, 31));
  EXPECT_EQ(easter(2038), day(2038, 4, 25));
  for (const int64_t off : {day(2026, 1, 1), day(2026, 4, 6), day(2026, 4, 27), day(2026, 5, 5), day(2026, 5, 14),
                            day(2026, 5, 25), day(2026, 12, 25), day(2026, 3, 7), day(2026, 3, 8)}) {
    EXPECT_TRUE(is_day_off(off)) << format_time({off * kMicrosPerDay, 0});
  }
  for (const int64_t on : {day(2026, 1, 2), day(2026, 4, 3), day(2026, 4, 7), day(2026, 4, 28), day(2026, 12, 28)}) {
    EXPECT_FALSE(is_day_off(on)) << format_time({on * kMicrosPerDay, 0});
  }
}

TEST(Calendar, tells_the_seasons) {
  EXPECT_TRUE(is_return_season(day(2026, 3, 1)));
  EXPECT_TRUE(is_return_season(day(2026, 4, 30)));
  EXPECT_FALSE(is_return_season(day(2026, 2, 28)));
  EXPECT_TRUE(is_spring_holiday(day(2026, 2, 16)));
  EXPECT_TRUE(is_spring_holiday(day(2026, 2, 22)));
  EXPECT_FALSE(is_spring_holiday(day(2026, 2, 23)));
}

TEST(Calendar, turns_the_clock_on_the_wall_into_utc) {
  EXPECT_EQ(format_time({micros_at(day(2026, 1, 5), 9 * kHour), 0}), "2026-01-05T08:00:00Z");
  EXPECT_EQ(format_time({micros_at(day(2026, 3, 28), 9 * kHour), 0}), "2026-03-28T08:00:00Z");
  EXPECT_EQ(format_time({micros_at(day(2026, 3, 29), 9 * kHour), 0}), "2026-03-29T07:00:00Z");
  EXPECT_EQ(format_time({micros_at(day(2026, 10, 24), 9 * kHour), 0}), "2026-10-24T07:00:00Z");
  EXPECT_EQ(format_time({micros_at(day(2026, 10, 25), 9 * kHour), 0}), "2026-10-25T08:00:00Z");
}

TEST(Calendar, lets_no_moment_of_a_day_come_before_the_day_before) {
  for (int64_t of = day(2026, 1, 1); of < day(2027, 1, 1); ++of) {
    EXPECT_LT(micros_at(of, 23 * kHour + 59 * kMinute), micros_at(of + 1, 0));
  }
}

}  // namespace
}  // namespace weerbaar::sample

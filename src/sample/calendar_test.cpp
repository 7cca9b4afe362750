#include "sample/calendar.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar::sample {
namespace {

int64_t day(int64_t year, unsigned month, unsigned of_month) {
  return days_from_civil(year, month, of_month);
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

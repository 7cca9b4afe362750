#include "domain/dutch_calendar.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar {
namespace {

int64_t day(int64_t year, unsigned month, unsigned of_month) {
  return days_from_civil(year, month, of_month);
}

TEST(DutchCalendar, knows_weekdays_and_easter) {
  EXPECT_EQ(weekday(day(2026, 1, 5)), 0);
  EXPECT_EQ(weekday(0), 3);
  EXPECT_EQ(weekday(-4), 6);
  EXPECT_EQ(easter(2026), day(2026, 4, 5));
  EXPECT_EQ(easter(2024), day(2024, 3, 31));
  EXPECT_EQ(easter(2038), day(2038, 4, 25));
}

TEST(DutchCalendar, knows_the_days_off) {
  for (const int64_t off : {day(2026, 1, 1), day(2026, 4, 6), day(2026, 4, 27), day(2026, 5, 5), day(2026, 5, 14),
                            day(2026, 5, 25), day(2026, 12, 25), day(2026, 3, 7), day(2026, 3, 8), day(2025, 12, 26)}) {
    EXPECT_TRUE(is_day_off(off)) << format_time({off * kMicrosPerDay, 0});
  }
  for (const int64_t on : {day(2026, 1, 2), day(2026, 4, 3), day(2026, 4, 7), day(2026, 4, 28), day(2026, 12, 28)}) {
    EXPECT_FALSE(is_day_off(on)) << format_time({on * kMicrosPerDay, 0});
  }
}

// By the days of the week alone every other day of a year can be told from a holiday.
TEST(DutchCalendar, a_year_has_the_holidays_that_the_law_names_and_no_others) {
  for (const auto& [year, on_weekdays] : {std::pair{2025, 7}, std::pair{2026, 7}, std::pair{2027, 6}}) {
    int found = 0;
    for (int64_t of = day(year, 1, 1); of < day(year + 1, 1, 1); ++of) {
      found += weekday(of) < 5 && is_day_off(of) ? 1 : 0;
    }
    EXPECT_EQ(found, on_weekdays) << year;
  }
}

}  // namespace
}  // namespace weerbaar

#include "trail/privacy/period.h"

#include <gtest/gtest.h>

namespace weerbaar::trail {
namespace {

Period at(std::string_view time) {
  return period_of(parse_time(time).value());
}

TEST(Period, is_the_quarter_of_a_moment_in_utc) {
  EXPECT_EQ(at("2026-01-01T00:00:00Z").number, 8104);
  EXPECT_EQ(at("2026-03-31T23:59:59.999999999Z").number, 8104);
  EXPECT_EQ(at("2026-04-01T00:00:00Z").number, 8105);
  EXPECT_EQ(at("2026-12-31T23:59:59Z").number, 8107);
  EXPECT_EQ(at("2026-04-01T01:00:00+02:00").number, 8104);
}

TEST(Period, moments_outside_1970_to_9999_fall_in_the_first_or_the_last) {
  EXPECT_EQ(at("1970-01-01T00:00:00Z"), kPeriodFirst);
  EXPECT_EQ(at("1969-12-31T23:59:59Z"), kPeriodFirst);
  EXPECT_EQ(period_of({kMicrosMin, 0}), kPeriodFirst);
  EXPECT_EQ(period_of({kMicrosMax, 999}), kPeriodLast);
  EXPECT_EQ(period_of({kMicrosMax + 1, 0}), kPeriodLast);
}

TEST(Period, every_period_has_a_name_a_start_and_an_end_that_agree) {
  for (unsigned number = kPeriodFirst.number; number <= kPeriodLast.number; ++number) {
    const Period period{static_cast<uint16_t>(number)};
    ASSERT_EQ(parse_period(to_string(period)).value(), period);
    ASSERT_EQ(period_of(start_of(period)), period);
    const Time last{end_of(period).micros - 1, 999};
    ASSERT_EQ(period_of(last), period);
    if (period < kPeriodLast) {
      ASSERT_EQ(period_of(end_of(period)).number, number + 1);
    }
  }
  EXPECT_EQ(to_string(Period{8104}), "2026-Q1");
  EXPECT_EQ(end_of(kPeriodLast).micros, kMicrosMax + 1);
}

TEST(Period, names_written_otherwise_are_refused) {
  for (const char* wrong : {"", "2026", "2026-Q0", "2026-Q5", "2026-q1", "2026Q1", "1969-Q4", "0000-Q1", "2026-Q1 ",
                            " 2026-Q1", "2o26-Q1", "12026-Q1", "2026-Q11"}) {
    EXPECT_FALSE(parse_period(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::trail

#include "report/calendar.h"

#include <gtest/gtest.h>

namespace weerbaar::report {
namespace {

Calendar amsterdam() {
  auto zone = ingest::delimited::TimeZone::open(os::real_file_system(), "Europe/Amsterdam");
  return {std::move(zone.value()), OfficeHours{}};
}

int64_t at(std::string_view text) {
  return parse_time(text).value().micros;
}

TEST(Calendar, a_month_is_read_and_written_and_what_is_none_is_refused) {
  for (const char* text : {"1970-01", "2026-03", "2026-12", "9998-12"}) {
    EXPECT_EQ(format_month(parse_month(text).value()), text);
  }
  for (const char* text : {"", "2026", "2026-3", "2026-00", "2026-13", "2026-03-01", "2026/03", "+026-03", "2026--1"}) {
    EXPECT_FALSE(parse_month(text)) << text;
  }
}

TEST(Calendar, a_month_begins_at_midnight_on_the_wall_in_winter_and_in_summer) {
  const Calendar calendar = amsterdam();
  const Month march = parse_month("2026-03").value();
  const trail::TimeRange range = calendar.range_of(march, march);
  EXPECT_EQ(format_time(*range.from), "2026-02-28T23:00:00Z");
  EXPECT_EQ(format_time(*range.to), "2026-03-31T22:00:00Z");
  EXPECT_EQ(calendar.month_of(range.from->micros), march);
  EXPECT_EQ(calendar.month_of(range.from->micros - 1), Month{march.number - 1});
  EXPECT_EQ(calendar.month_of(range.to->micros), Month{march.number + 1});
  EXPECT_EQ(calendar.day_of_month(range.from->micros), 0U);
  EXPECT_EQ(calendar.day_of_month(range.to->micros - 1), 30U);
}

TEST(Calendar, a_day_is_over_at_midnight_on_the_wall) {
  const Calendar calendar = amsterdam();
  const Month march = parse_month("2026-03").value();
  const auto over = [&](std::string_view now) { return calendar.days_over(march, parse_time(now).value()); };
  EXPECT_EQ(over("2026-01-15T00:00:00Z"), 0U);
  EXPECT_EQ(over("2026-03-01T22:59:59Z"), 0U);
  EXPECT_EQ(over("2026-03-01T23:00:00Z"), 1U);
  EXPECT_EQ(over("2026-03-31T21:59:59Z"), 30U);
  EXPECT_EQ(over("2026-03-31T22:00:00Z"), 31U);
  EXPECT_EQ(over("2026-07-01T00:00:00Z"), 31U);
  EXPECT_EQ(format_time(calendar.begin_of_day(first_day_of(march) + 1)), "2026-03-01T23:00:00Z");
}

TEST(Calendar, office_hours_are_those_of_the_wall_on_days_that_are_no_day_off) {
  const Calendar calendar = amsterdam();
  EXPECT_TRUE(calendar.is_in_office_hours(at("2026-03-02T06:00:00+01:00")));
  EXPECT_FALSE(calendar.is_in_office_hours(at("2026-03-02T05:59:59+01:00")));
  EXPECT_TRUE(calendar.is_in_office_hours(at("2026-06-05T18:59:59+02:00")));
  EXPECT_FALSE(calendar.is_in_office_hours(at("2026-06-05T19:00:00+02:00")));
  EXPECT_FALSE(calendar.is_in_office_hours(at("2026-03-07T12:00:00+01:00")));
  EXPECT_FALSE(calendar.is_in_office_hours(at("2026-03-08T12:00:00+01:00")));
  EXPECT_TRUE(calendar.is_in_office_hours(at("2026-04-03T12:00:00+02:00")));
  EXPECT_FALSE(calendar.is_in_office_hours(at("2026-04-27T12:00:00+02:00")));
  // The day on the wall counts: in UTC it is the evening before.
  EXPECT_FALSE(calendar.is_in_office_hours(at("2026-01-01T06:30:00+01:00")));
}

TEST(Calendar, february_has_twenty_nine_days_in_a_leap_year) {
  EXPECT_EQ(days_of(parse_month("2026-02").value()), 28U);
  EXPECT_EQ(days_of(parse_month("2028-02").value()), 29U);
  EXPECT_EQ(days_of(parse_month("2026-12").value()), 31U);
}

}  // namespace
}  // namespace weerbaar::report

#include "base/time.h"

#include <gtest/gtest.h>

#include <chrono>

namespace weerbaar {
namespace {

TEST(Time, days_agree_with_the_standard_calendar) {
  for (int64_t days = -720'000; days < 2'940'000; days += 13) {
    const std::chrono::year_month_day expected{std::chrono::sys_days{std::chrono::days{days}}};
    const Civil civil = civil_from_days(days);
    ASSERT_EQ(civil.year, static_cast<int>(expected.year()));
    ASSERT_EQ(civil.month, static_cast<unsigned>(expected.month()));
    ASSERT_EQ(civil.day, static_cast<unsigned>(expected.day()));
    ASSERT_EQ(days_from_civil(civil.year, civil.month, civil.day), days);
  }
}

TEST(Time, reads_what_rfc_3339_allows) {
  const std::pair<const char*, const char*> cases[] = {
      {"2026-03-02T08:14:03.412+01:00", "2026-03-02T07:14:03.412Z"},
      {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"},
      {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"},
      {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"},
      {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"},
      {"2024-02-29t00:00:00.000000001z", "2024-02-29T00:00:00.000000001Z"},
      {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
      {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
  };
  for (const auto& [text, normal] : cases) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(format_time(*time), normal);
    EXPECT_EQ(parse_time(normal), *time);
  }
}

TEST(Time, refuses_what_does_not_exist_and_says_why) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "YYYY-MM-DD"},
      {"2026-02-29T00:00:00Z", "calendar"},
      {"2026-13-01T00:00:00Z", "calendar"},
      {"2026-03-02 08:14:03Z", "RFC 3339"},
      {"2026-03-02T24:00:00Z", "does not exist"},
      {"2026-03-02T08:14:03", "zone"},
      {"2026-03-02T08:14:03+0100", "zone"},
      {"2026-03-02T08:14:03.Z", "fraction"},
      {"2026-03-02T08:14:03.1234567890Z", "nine"},
      {"2026-03-02T08:14:03+24:00", "range"},
      {"9999-12-31T23:59:59-01:00", "9999"},
      {"2026-03-02T08:14:03Zx", "zone"},
  };
  for (const auto& [text, reason] : cases) {
    const auto time = parse_time(text);
    ASSERT_FALSE(time.has_value()) << text;
    EXPECT_NE(time.error().text.find(reason), std::string::npos) << text << ": " << time.error().text;
  }
}

TEST(Time, a_date_is_its_first_moment) {
  EXPECT_EQ(format_time(parse_time_or_date("2026-03-02").value()), "2026-03-02T00:00:00Z");
  EXPECT_FALSE(parse_time_or_date("2026-02-30").has_value());
}

TEST(Time, moments_before_1970_fall_in_their_own_day) {
  EXPECT_EQ(format_time(Time{-1, 0}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(floor_div(-1, 10), -1);
  EXPECT_EQ(floor_div(-10, 10), -1);
  EXPECT_EQ(floor_div(10, 10), 1);
}

}  // namespace
}  // namespace weerbaar

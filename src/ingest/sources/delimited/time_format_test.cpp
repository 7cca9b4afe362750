#include "ingest/sources/delimited/time_format.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar::ingest::delimited {
namespace {

Result<TimeFormat> format_of(std::string_view pattern, std::optional<unsigned> century = std::nullopt) {
  return TimeFormat::create(pattern, century);
}

// What the clock showed, as if it were UTC; or the reason.
std::string read(std::string_view pattern, std::string_view text, std::optional<unsigned> century = std::nullopt) {
  const auto local = format_of(pattern, century).value().parse(text);
  if (!local) return local.error().text;
  return format_time(
      {local->seconds * kMicrosPerSecond + local->nanos / 1'000, static_cast<uint16_t>(local->nanos % 1'000)});
}

TEST(TimeFormat, reads_what_old_systems_write) {
  EXPECT_EQ(read("%d-%m-%Y %H:%M:%S", "02-03-2026 08:14:03"), "2026-03-02T08:14:03Z");
  EXPECT_EQ(read("%d-%m-%Y %H:%M", "2-3-2026 8:14"), "2026-03-02T08:14:00Z");
  EXPECT_EQ(read("%Y%m%d%H%M%S%f", "2026030208140341"), "2026-03-02T08:14:03.410Z");
  EXPECT_EQ(read("%Y-%m-%d-%H.%M.%S.%f", "2026-03-02-08.14.03.412345"), "2026-03-02T08:14:03.412345Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S.%f", "2026-03-02T08:14:03.123456789"), "2026-03-02T08:14:03.123456789Z");
  EXPECT_EQ(read("%y%j %H:%M:%S", "26061 08:14:03", 20), "2026-03-02T08:14:03Z");
  EXPECT_EQ(read("%y%j %H:%M:%S", "99365 23:59:59", 19), "1999-12-31T23:59:59Z");
  EXPECT_EQ(read("%d %b %Y, %Hu%M", "2 mrt 2026, 08u14"), "2026-03-02T08:14:00Z");
  EXPECT_EQ(read("%d-%b-%Y %H:%M", "02-MAY-2026 08:14"), "2026-05-02T08:14:00Z");
  EXPECT_EQ(read("%d-%b-%Y %H:%M", "02-Mei-2026 08:14"), "2026-05-02T08:14:00Z");
  EXPECT_EQ(read("100%% %Y-%m-%d %H:%M", "100% 2026-03-02 08:14"), "2026-03-02T08:14:00Z");
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", "2026-12-31 23:59:60"), "2027-01-01T00:00:00Z");
}

TEST(TimeFormat, every_month_has_its_english_and_dutch_name) {
  const char* english[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const char* dutch[] = {"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"};
  for (unsigned month = 0; month < 12; ++month) {
    for (const char* name : {english[month], dutch[month]}) {
      const std::string text = std::string("01 ") + name + " 2026 00:00";
      EXPECT_EQ(read("%d %b %Y %H:%M", text), format_time({days_from_civil(2026, month + 1, 1) * kMicrosPerDay, 0}));
    }
  }
}

TEST(TimeFormat, an_offset_in_the_text_is_handed_on) {
  const TimeFormat format = format_of("%Y-%m-%dT%H:%M:%S%z").value();
  EXPECT_TRUE(format.has_offset());
  EXPECT_EQ(format.parse("2026-03-02T08:14:03+01:00").value().offset, 3'600);
  EXPECT_EQ(format.parse("2026-03-02T08:14:03-0530").value().offset, -19'800);
  EXPECT_EQ(format.parse("2026-03-02T08:14:03Z").value().offset, 0);
  for (const char* wrong : {"", "+", "+1", "+24:00", "+01:60", "01:00", "+01:0"}) {
    EXPECT_FALSE(format.parse(std::string("2026-03-02T08:14:03") + wrong).has_value()) << wrong;
  }
}

TEST(TimeFormat, refuses_texts_that_do_not_follow_it_without_repeating_them) {
  for (const char* wrong :
       {"", "02-03-2026", "02-03-2026 08:14:0", "02-03-26 08:14:03", "02/03/2026 08:14:03", " 02-03-2026 08:14:03",
        "002-03-2026 08:14:03", "02-03-2026 08:4:03", "02-03-2026 -8:14:03"}) {
    EXPECT_EQ(read("%d-%m-%Y %H:%M:%S", wrong), "the time is not written as %d-%m-%Y %H:%M:%S") << wrong;
  }
  EXPECT_EQ(read("%Y-%m-%d %H:%M", "2026-03-02 08:145"), "text follows the time, which is written as %Y-%m-%d %H:%M");
  EXPECT_EQ(read("%Y%m%d %H:%M", "2026032 08:14"), "the time is not written as %Y%m%d %H:%M");
  EXPECT_EQ(read("%d %b %Y %H:%M", "02 xyz 2026 08:14"), "the time is not written as %d %b %Y %H:%M");
}

TEST(TimeFormat, refuses_moments_that_are_in_no_calendar) {
  const char* date = "the date does not exist in the calendar";
  for (const char* wrong : {"2026-02-29", "2026-00-01", "2026-13-01", "2026-04-31", "2026-01-00", "2026-01-32"}) {
    EXPECT_EQ(read("%Y-%m-%d %H:%M", std::string(wrong) + " 08:14"), date) << wrong;
  }
  EXPECT_EQ(read("%Y%j %H:%M", "2025366 08:14"), date);
  EXPECT_EQ(read("%Y%j %H:%M", "2024366 08:14"), "2024-12-31T08:14:00Z");
  EXPECT_EQ(read("%Y%j %H:%M", "2024000 08:14"), date);
  for (const char* wrong : {"24:00:00", "23:60:00", "23:59:61"}) {
    EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", std::string("2026-03-02 ") + wrong), "the time of day does not exist") << wrong;
  }
}

TEST(TimeFormat, refuses_patterns_that_would_have_to_guess) {
  for (const char* wrong :
       {"", "%Y", "%Y-%m-%d", "%m-%d %H:%M", "%Y-%d %H:%M", "%Y-%m %H:%M", "%Y-%m-%d %H", "%Y%y-%m-%d %H:%M",
        "%Y-%m-%b-%d %H:%M", "%Y-%m-%j %H:%M", "%Y-%j-%d %H:%M", "%Y-%m-%d %H:%M %Y", "%Y-%m-%d %I:%M",
        "%Y-%m-%d %H:%M:%S%", "%Y-%m-%d %H:%M.%f", "%f%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f0"}) {
    EXPECT_FALSE(format_of(wrong).has_value()) << wrong;
  }
}

TEST(TimeFormat, two_digit_years_need_a_century) {
  EXPECT_NE(format_of("%y-%m-%d %H:%M").error().text.find("century"), std::string::npos);
  EXPECT_FALSE(format_of("%Y-%m-%d %H:%M", 20).has_value());
  EXPECT_EQ(read("%y-%m-%d %H:%M", "68-03-02 08:14", 19), "1968-03-02T08:14:00Z");
}

TEST(TimeFormat, a_count_since_1970_stands_alone_and_is_utc) {
  const auto millis = TimeFormat::create("%Q", std::nullopt).value();
  EXPECT_TRUE(millis.has_offset());
  const auto parsed = millis.parse("1500464384997").value();
  EXPECT_EQ(parsed.seconds, 1'500'464'384);
  EXPECT_EQ(parsed.nanos, 997'000'000U);
  EXPECT_EQ(parsed.offset, 0);
  EXPECT_EQ(TimeFormat::create("%s", std::nullopt)->parse("1500464384")->seconds, 1'500'464'384);
  for (const char* bad : {"", "-1", "+1", "1.5", "12a", " 1", "999999999999999999", "99999999999999999999999"}) {
    EXPECT_FALSE(millis.parse(bad)) << bad;
  }
  EXPECT_FALSE(TimeFormat::create("%Q%s", std::nullopt));
  EXPECT_FALSE(TimeFormat::create("%s", 20));
}

}  // namespace
}  // namespace weerbaar::ingest::delimited

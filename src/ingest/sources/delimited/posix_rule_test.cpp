#include "ingest/sources/delimited/posix_rule.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace weerbaar::ingest::delimited {
namespace {

std::string start_in(std::string_view rule, int64_t year) {
  return format_time({PosixRule::parse(rule).value().daylight->start.in_year(year) * kMicrosPerSecond, 0});
}

TEST(PosixRule, reads_the_rule_of_western_europe) {
  const PosixRule rule = PosixRule::parse("CET-1CEST,M3.5.0,M10.5.0/3").value();
  EXPECT_EQ(rule.standard_offset, 3'600);
  EXPECT_EQ(rule.daylight->offset, 7'200);
  EXPECT_EQ(start_in("CET-1CEST,M3.5.0,M10.5.0/3", 2026), "2026-03-29T02:00:00Z");
  EXPECT_EQ(start_in("CET-1CEST,M10.5.0/3,M3.5.0", 2026), "2026-10-25T03:00:00Z");
}

TEST(PosixRule, reads_every_way_to_write_a_day) {
  EXPECT_EQ(start_in("AAA5BBB,M3.2.0,M11.1.0", 2026), "2026-03-08T02:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,J60/0,J300", 2023), "2023-03-01T00:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,J60/0,J300", 2024), "2024-03-01T00:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,J59/0,J300", 2024), "2024-02-28T00:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,59/0,300", 2023), "2023-03-01T00:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,59/0,300", 2024), "2024-02-29T00:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,M12.5.6/0,M1.1.0", 2026), "2026-12-26T00:00:00Z");
  EXPECT_EQ(start_in("AAA5BBB,M2.5.4/0,M1.1.0", 2024), "2024-02-29T00:00:00Z");
  EXPECT_EQ(start_in("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026), "2026-03-28T23:00:00Z");
}

TEST(PosixRule, reads_offsets_with_minutes_and_signs) {
  EXPECT_EQ(PosixRule::parse("NPT-5:45").value().standard_offset, 20'700);
  EXPECT_EQ(PosixRule::parse("<+1030>-10:30").value().standard_offset, 37'800);
  EXPECT_EQ(PosixRule::parse("EST+5").value().standard_offset, -18'000);
  const PosixRule ireland = PosixRule::parse("IST-1GMT0,M10.5.0,M3.5.0/1").value();
  EXPECT_EQ(ireland.standard_offset, 3'600);
  EXPECT_EQ(ireland.daylight->offset, 0);
}

TEST(PosixRule, refuses_what_is_no_rule) {
  for (const char* wrong :
       {"", "CET", "CE-1", "CET-25", "CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,366,5",
        "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x", "<CET-1", "CET-1:60"}) {
    EXPECT_FALSE(PosixRule::parse(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::ingest::delimited

#include "server/monthly_report.h"

#include <gtest/gtest.h>

namespace weerbaar::server {
namespace {

std::string from(const Settings& settings, std::string_view month) {
  const auto moment = reportable_from(settings, report::parse_month(month).value());
  return moment ? format_time(*moment) : moment.error().text;
}

TEST(MonthlyReport, may_be_shown_once_the_month_is_over_on_the_wall_and_no_half_of_it_waits_any_more) {
  Settings settings;
  EXPECT_EQ(from(settings, "2026-01"), "2026-01-31T23:00:00Z");
  EXPECT_EQ(from(settings, "2026-07"), "2026-07-31T22:00:00Z");
  EXPECT_EQ(from(settings, "2026-12"), "2026-12-31T23:00:00Z");
  settings.report.zone = "America/New_York";
  EXPECT_EQ(from(settings, "2026-01"), "2026-02-01T05:00:00Z");
  settings.report.zone = "UTC";
  settings.serve.sources.resize(3);
  settings.serve.sources[0].join_within = std::chrono::minutes(10);
  settings.serve.sources[1].join_within = std::chrono::hours(24);
  settings.serve.sources[2].join_within = std::chrono::minutes(0);
  EXPECT_EQ(from(settings, "2026-02"), "2026-03-02T00:00:00Z");
}

TEST(MonthlyReport, of_a_zone_that_is_none_names_the_setting) {
  Settings settings;
  settings.report.zone = "Nowhere/Town";
  EXPECT_NE(from(settings, "2026-01").find("report.zone"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::server

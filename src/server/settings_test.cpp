#include "server/settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "os/testing.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kRequired = "origin = \"o\"\nverifier_key = \"v\"\nkeys = \"k\"\n";

TEST(Settings, come_back_as_they_were_written) {
  Settings settings;
  settings.origin = "example.org/reads";
  settings.verifier_key = "example.org/reads+00000000+AA==";
  settings.keys = "../with \"quotes\", \\,\n, \t and \x7f.keys";
  settings.facts = "postgresql:host=/run/x dbname='f'";
  settings.retention_months = 60;
  settings.retention_grace_days = 0;
  const auto again = parse_settings(format_settings(settings));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(again->origin, settings.origin);
  EXPECT_EQ(again->verifier_key, settings.verifier_key);
  EXPECT_EQ(again->keys, settings.keys);
  EXPECT_EQ(again->facts, settings.facts);
  EXPECT_EQ(again->retention_months, 60);
  EXPECT_EQ(again->retention_grace_days, 0);
}

TEST(Settings, say_where_and_what_is_wrong) {
  const std::string required(kRequired);
  const std::pair<std::string, std::string> cases[] = {
      {"", "origin"},
      {"origin = 3\nverifier_key = \"v\"\nkeys = \"k\"\n", "origin"},
      {required + "colour = 1\n", "weerbaar.toml:4:"},
      {required + "register = 1\n", "register"},
      {required + "[retention]\nmonths = 0\n", "retention.months"},
      {required + "[retention]\nmonths = 84\nyears = 7\n", "retention.years"},
      {required + "[retention]\nmonths = 84\ngrace_days = -1\n", "retention.grace_days"},
      {required + "[retention]\nmonths = true\n", "weerbaar.toml:5:10: retention.months"},
      {required + "[retention]\nmonths = 7.0\n", "retention.months"},
      {required + "report = 12\n", "weerbaar.toml:4:10: report is a section"},
      {required + "[report]\nhours = 9\n", "report.hours"},
      {required + "[report]\noffice_begin = 25\n", "report.office_begin"},
      {required + "[report]\noffice_begin = 19\n", "report.office_begin lies before report.office_end"},
      {required + "retention = 12\n", "weerbaar.toml:4:13: retention is a section"},
      {"origin = \n", "weerbaar.toml:1:"},
  };
  for (const auto& [text, named] : cases) {
    const auto settings = parse_settings(text);
    ASSERT_EQ(os::refusal(settings), Code::kInvalid) << text;
    EXPECT_NE(settings.error().text.find(named), std::string::npos) << settings.error().text;
  }
}

TEST(Settings, a_term_that_is_left_out_is_the_default) {
  const auto settings = parse_settings(std::string(kRequired) + "[retention]\ngrace_days = 0\n");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_EQ(settings->retention_months, 84);
  EXPECT_EQ(settings->retention_grace_days, 0);
}

TEST(Settings, the_report_has_a_zone_and_office_hours) {
  const auto left_out = parse_settings(std::string(kRequired));
  ASSERT_TRUE(left_out.has_value()) << left_out.error().text;
  EXPECT_EQ(left_out->report.zone, "Europe/Amsterdam");
  const auto settings =
      parse_settings(std::string(kRequired) + "[report]\nzone = \"UTC\"\noffice_begin = 8\noffice_end = 18\n");
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_EQ(settings->report.zone, "UTC");
  EXPECT_EQ(settings->report.office_begin, 8);
  EXPECT_EQ(settings->report.office_end, 18);
}

TEST(Settings, the_kept_sample_stays_readable) {
  std::ifstream file(WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/data-directory/v1/weerbaar.toml");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto settings = parse_settings(text);
  ASSERT_TRUE(settings.has_value()) << settings.error().text;
  EXPECT_FALSE(settings->origin.empty());
  EXPECT_EQ(settings->retention_grace_days, 92);
}

}  // namespace
}  // namespace weerbaar::server

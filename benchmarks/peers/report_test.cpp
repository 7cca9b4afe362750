#include "peers/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weerbaar::benchmarks {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Comparison two_columns() {
  Comparison comparison;
  comparison.columns.push_back(
      {"weerbaar", "Weerbaar", "", {{{"disk", 20}, {"ingest", 600e3}}, {{"needle", "1"}}, {}}});
  comparison.columns.push_back({"sqlite", "SQLite", "", {{{"disk", 140}, {"ingest", 60e3}}, {{"needle", "1"}}, {}}});
  return comparison;
}

TEST(Differences, are_none_between_equal_answers) {
  EXPECT_THAT(differences(two_columns()), SizeIs(0));
}

TEST(Differences, name_the_stores_that_disagree) {
  Comparison comparison = two_columns();
  comparison.columns[1].figures.answers["needle"] = "2";
  EXPECT_THAT(differences(comparison), testing::ElementsAre("needle: weerbaar gives 1, sqlite gives 2"));
}

TEST(TableOf, shows_how_many_times_better_weerbaar_does) {
  const std::string table = table_of(two_columns());
  EXPECT_THAT(table, HasSubstr(" 60.0 (10.0x) |"));  // more is better
  EXPECT_THAT(table, HasSubstr(" 140 (7.00x) |"));   // less is better
}

TEST(TableOf, has_no_ratios_without_weerbaar) {
  Comparison comparison = two_columns();
  comparison.columns.erase(comparison.columns.begin());
  EXPECT_THAT(table_of(comparison), testing::Not(HasSubstr("x)")));
}

TEST(TableOf, shows_only_the_rows_that_were_asked) {
  Comparison comparison = two_columns();
  comparison.options.rows = {Row::kDisk};
  EXPECT_THAT(table_of(comparison), HasSubstr("disk"));
  EXPECT_THAT(table_of(comparison), testing::Not(HasSubstr("ingest")));
}

TEST(TableOf, marks_what_a_note_belongs_to) {
  Comparison comparison = two_columns();
  comparison.columns[1].figures.notes["disk"] = "cut off";
  EXPECT_THAT(table_of(comparison), HasSubstr("140 (7.00x) *"));
  EXPECT_THAT(table_of(comparison), HasSubstr("- * SQLite, disk: cut off"));
}

TEST(JsonOf, holds_what_was_measured) {
  const auto json = json_of(two_columns());
  EXPECT_EQ(json["stores"]["sqlite"]["numbers"]["disk"], 140);
}

}  // namespace
}  // namespace weerbaar::benchmarks

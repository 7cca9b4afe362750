#include "peers/options.h"

#include <gtest/gtest.h>

#include <array>

namespace weerbaar::benchmarks {
namespace {

TEST(ParseAmount, reads_thousands_millions_and_milliards) {
  EXPECT_EQ(parse_amount("200000"), 200'000U);
  EXPECT_EQ(parse_amount("20k"), 20'000U);
  EXPECT_EQ(parse_amount("100M"), 100'000'000U);
  EXPECT_EQ(parse_amount("1G"), 1'000'000'000U);
}

TEST(ParseAmount, refuses_what_is_no_amount) {
  for (const char* text : {"", "0", "M", "10m", "10 M", "-1", "1.5M"}) EXPECT_FALSE(parse_amount(text)) << text;
}

TEST(ParseRows, reads_names_and_refuses_others) {
  EXPECT_EQ(parse_rows("needle,disk"), (std::set<Row>{Row::kNeedle, Row::kDisk}));
  EXPECT_FALSE(parse_rows("needle,speed"));
}

TEST(AllLines, belong_to_every_row) {
  std::set<Row> rows;
  for (const Line& line : all_lines()) rows.insert(line.row);
  EXPECT_EQ(rows, all_rows());
}

TEST(ParseOptions, takes_stores_rows_and_sizes) {
  const std::array<const char*, 7> arguments = {"peers",           "--events", "20k", "--only",
                                                "weerbaar,sqlite", "--rows",   "disk"};
  const ParsedOptions parsed = parse_options(arguments.size(), arguments.data());
  EXPECT_EQ(parsed.exit_code, -1);
  EXPECT_EQ(parsed.options.events, 20'000U);
  EXPECT_EQ(parsed.options.only, (std::vector<std::string>{"weerbaar", "sqlite"}));
  EXPECT_EQ(parsed.options.rows, std::set<Row>{Row::kDisk});
}

TEST(ParseOptions, ends_with_2_on_wrong_use) {
  const std::array<const char*, 3> arguments = {"peers", "--events", "many"};
  EXPECT_EQ(parse_options(arguments.size(), arguments.data()).exit_code, 2);
}

}  // namespace
}  // namespace weerbaar::benchmarks

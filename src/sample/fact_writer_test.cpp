#include "sample/fact_writer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "register/fact_file.h"

namespace weerbaar::sample {
namespace {

TEST(FactWriter, writes_files_that_the_register_reads_back) {
  std::map<std::string, std::string> files;
  FactWriter facts([&files](std::string_view table, std::string_view csv) -> Status {
    files[std::string(table)] += csv;
    return {};
  });
  ASSERT_TRUE(facts.add("system", {"A,B", "says \"no\"\nand more"}).has_value());
  ASSERT_TRUE(facts.add("shift", {"u1", ""}, 1'000'000, 2'500'000).has_value());
  EXPECT_TRUE(files.empty());
  ASSERT_TRUE(facts.finish().has_value());
  EXPECT_EQ(facts.facts(), 2U);
  ASSERT_EQ(files.size(), 2U);
  int rows = 0;
  const auto read = [&files](const std::string& table, const facts::Delivery::Take& take) {
    const auto delivery = facts::open_fact_file(*facts::find_table(table), files[table]);
    ASSERT_TRUE(delivery.has_value()) << delivery.error().text;
    ASSERT_TRUE(
        (*delivery)->read(take, [](const facts::Refusal& refusal) { ADD_FAILURE() << refusal.why; }).has_value());
  };
  const auto take_system = [&rows](const facts::FactRow& row) -> Status {
    ++rows;
    EXPECT_EQ(row.cells[0], "A,B");
    EXPECT_EQ(row.cells[1], "says \"no\"\nand more");
    EXPECT_EQ(row.valid_from, facts::kAlways);
    EXPECT_EQ(row.valid_to, facts::kUntilFurtherNotice);
    return {};
  };
  read("system", take_system);
  const auto take_shift = [&rows](const facts::FactRow& row) -> Status {
    ++rows;
    EXPECT_EQ(row.cells[0], "u1");
    EXPECT_EQ(row.cells[1], "");
    EXPECT_EQ(row.valid_from, 1'000'000);
    EXPECT_EQ(row.valid_to, 2'500'000);
    return {};
  };
  read("shift", take_shift);
  EXPECT_EQ(rows, 2);
}

TEST(FactWriter, hands_over_in_parts_and_passes_errors_on) {
  uint64_t parts = 0;
  FactWriter facts([&parts](std::string_view, std::string_view csv) -> Status {
    EXPECT_TRUE(csv.starts_with("system,name,valid_from,valid_to\n"));
    return ++parts == 3 ? fail(Code::kNoSpace, "full") : Status();
  });
  const std::string name(100'000, 'a');
  Status status;
  uint64_t added = 0;
  for (; status && added < 2'000; ++added) status = facts.add("system", {std::to_string(added), name});
  EXPECT_FALSE(status.has_value());
  EXPECT_EQ(parts, 3U);
  EXPECT_NEAR(static_cast<double>(added), 3.0 * FactWriter::kTextBytesMax / 100'000, 10);
}

}  // namespace
}  // namespace weerbaar::sample

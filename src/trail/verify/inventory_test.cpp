#include "trail/verify/inventory.h"

#include <gtest/gtest.h>

#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

std::vector<Problem> listed(ProblemList& problems) {
  return std::move(problems).take("");
}

TEST(Inventory, lists_what_belongs_there_ascending) {
  const Files files = {{"segments/000000010.segment", {}},      {"segments/000000002.segment", {}},
                       {"segments/1000000000.segment", {}},     {"tail/000000000000196608.tail", {}},
                       {"index/000000000-000000016.index", {}}, {"index/000000016-000000017.index", {}},
                       {"index/999999999-1000000000.index", {}}};
  const auto disk = disk_with(files);
  Inventory inventory = take_inventory(*disk, std::string(kTrailDirectory)).value();
  EXPECT_EQ(inventory.segments, (std::vector<uint64_t>{2, 10, 1'000'000'000}));
  EXPECT_EQ(inventory.tails, std::vector<uint64_t>{3});
  EXPECT_EQ(inventory.indexes, (std::vector<IndexFileName>{{0, 16}, {16, 17}, {999'999'999, 1'000'000'000}}));
  EXPECT_TRUE(listed(inventory.problems).empty());
  EXPECT_TRUE(listed(inventory.notes).empty());
  for (const IndexFileName& name : inventory.indexes) EXPECT_TRUE(files.contains(name.path()));
}

TEST(Inventory, names_files_that_do_not_belong_in_the_index) {
  for (const char* name : {"index/0-16.index", "index/000000016-000000000.index", "index/000000016-000000016.index",
                           "index/000000000-000000016.inde", "index/000000000.index", "index/000000000-.index",
                           "index/-000000016.index", "index/000000000-000000016.index2", "index/x", "index/0",
                           "index/000000000-99999999999999999999.index", "index/000000000_000000016.index",
                           "index/000000000-000000016-000000017.index", "index/+00000000-000000016.index"}) {
    const auto disk = disk_with({{name, {}}});
    Inventory inventory = take_inventory(*disk, std::string(kTrailDirectory)).value();
    EXPECT_TRUE(inventory.indexes.empty()) << name;
    const auto problems = listed(inventory.problems);
    ASSERT_EQ(problems.size(), 1U) << name;
    EXPECT_EQ(problems[0].where, name);
  }
}

TEST(Inventory, notes_an_index_whose_writing_was_cut_off) {
  const auto disk = disk_with({{"index/000000000-000000016.index.new", {}}});
  Inventory inventory = take_inventory(*disk, std::string(kTrailDirectory)).value();
  EXPECT_TRUE(listed(inventory.problems).empty());
  EXPECT_EQ(listed(inventory.notes).size(), 1U);
}

TEST(Inventory, notes_indexes_of_an_earlier_version) {
  const auto disk = disk_with({});
  ASSERT_TRUE(disk->make_directory(os::join(kTrailDirectory, "chapters")).has_value());
  Inventory inventory = take_inventory(*disk, std::string(kTrailDirectory)).value();
  EXPECT_TRUE(listed(inventory.problems).empty());
  EXPECT_EQ(listed(inventory.notes).size(), 1U);
}

}  // namespace
}  // namespace weerbaar::trail

#include "trail/verify/commitment_set.h"

#include <gtest/gtest.h>

#include "trail/format/entry.h"

namespace weerbaar::trail {
namespace {

Bytes record(std::string_view type, std::string_view body) {
  Bytes entry;
  encode(StoredRecord{type, 5, body}, entry);
  return entry;
}

const IndexCommitment kCommitment{10, 20, 3, {8'100, 8'104}, {1, 2, 3}};

TEST(CommitmentSet, takes_the_records_that_commit_an_index_and_no_others) {
  CommitmentSet set;
  EXPECT_TRUE(set.add(25, record(kIndexRecordType, to_json(kCommitment))));
  EXPECT_TRUE(set.add(20, record(kIndexRecordType, to_json(kCommitment))));
  EXPECT_FALSE(set.add(21, record("import", to_json(kCommitment))));
  EXPECT_FALSE(set.add(22, Bytes{1, 2, 3}));
  const auto taken = set.take();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].entry, 20U);
  EXPECT_EQ(taken[1].entry, 25U);
  EXPECT_EQ(taken[1].commitment, kCommitment);
  EXPECT_TRUE(set.take_problems().empty());
}

TEST(CommitmentSet, refuses_what_is_not_about_entries_before_it) {
  CommitmentSet set;
  EXPECT_TRUE(set.add(19, record(kIndexRecordType, to_json(kCommitment))));
  EXPECT_TRUE(set.take().empty());
  const auto problems = set.take_problems().take("");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, "entry 19");
}

TEST(CommitmentSet, refuses_a_record_of_the_type_that_commits_nothing) {
  CommitmentSet set;
  EXPECT_TRUE(set.add(19, record(kIndexRecordType, "{}")));
  EXPECT_TRUE(set.take().empty());
  EXPECT_FALSE(set.take_problems().empty());
}

TEST(CommitmentSet, takes_no_more_memory_than_it_may_and_says_so) {
  CommitmentSet set(1000);
  for (uint64_t entry = 20; entry < 40; ++entry) set.add(entry, record(kIndexRecordType, to_json(kCommitment)));
  const size_t taken = set.take().size();
  EXPECT_GT(taken, 3U);
  EXPECT_LT(taken, 20U);
  EXPECT_EQ(set.take_problems().take("").size(), 20 - taken);
}

}  // namespace
}  // namespace weerbaar::trail

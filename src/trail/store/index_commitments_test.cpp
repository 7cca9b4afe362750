#include "trail/store/index_commitments.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "os/testing.h"
#include "trail/format/index_key.h"
#include "trail/store/index_sample.h"
#include "trail/store/index_writer.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using Range = std::pair<uint64_t, uint64_t>;

class IndexCommitmentsTest : public testing::TrailFixture {
 protected:
  static std::vector<ByteView> views_of(const std::vector<Bytes>& entries) { return {entries.begin(), entries.end()}; }

  // What the records in the trail say, by the entry that each stands in.
  static std::map<uint64_t, IndexCommitment> records_of(const Trail& trail) {
    std::map<uint64_t, IndexCommitment> records;
    Entry entry;
    const std::vector<Bytes> entries = entries_of(trail);
    for (uint64_t index = 0; index < entries.size(); ++index) {
      EXPECT_TRUE(entry.decode(entries[index]));
      if (entry.is_event() || entry.record().type != kIndexRecordType) continue;
      const auto commitment = parse_index_commitment(entry.record().body);
      EXPECT_TRUE(commitment.has_value());
      records.emplace(index, *commitment);
    }
    return records;
  }
  static std::multiset<Range> ranges_of(const Trail& trail) {
    std::multiset<Range> ranges;
    for (const auto& [index, commitment] : records_of(trail)) ranges.emplace(commitment.first, commitment.end);
    return ranges;
  }

  // Every record says what the entries say; together they prove, of keys that are there and that are not, all that
  // stands below the last of them.
  static void expect_complete(Trail& trail) {
    const auto committed = trail.committed_indexes(trail.size());
    ASSERT_TRUE(committed.has_value()) << committed.error().text;
    const std::vector<Bytes> entries = entries_of(trail);
    const std::vector<ByteView> views = views_of(entries);
    const auto records = records_of(trail);
    uint64_t end = 0;
    for (const CommittedIndex& index : *committed) {
      EXPECT_EQ(index.commitment.first, end);
      end = index.commitment.end;
      ASSERT_TRUE(records.contains(index.record.value()));
      EXPECT_EQ(records.at(index.record.value()), index.commitment);
      const auto expected = testing::obvious_index(
          index.commitment.first, std::span(views).subspan(index.commitment.first, end - index.commitment.first));
      EXPECT_EQ(index.commitment.keys, expected.size());
      size_t at = 0;
      Bytes postings;
      for (const auto& [key, of_key] : expected) {
        if (at++ % 5'003 != 0) continue;
        const auto proof = index.prove(key, postings);
        ASSERT_TRUE(proof.has_value()) << proof.error().text;
        EXPECT_EQ(postings, testing::hashed_postings(key, of_key));
        EXPECT_TRUE(verify_index_proof(key, postings, *proof, index.commitment.keys, index.commitment.root));
      }
      const Bytes stranger = {2, 0xFF, 0xFF, 1};
      const auto proof = index.prove(stranger, postings);
      ASSERT_TRUE(proof.has_value());
      EXPECT_TRUE(verify_index_proof(stranger, postings, *proof, index.commitment.keys, index.commitment.root));
    }
    EXPECT_EQ(end + 1, trail.size().value());
  }
};

TEST_F(IndexCommitmentsTest, the_root_of_a_sealed_index_is_appended_once_with_the_next_events) {
  const auto trail = open();
  fill(*trail, 0, kSegmentEntries);
  EXPECT_TRUE(records_of(*trail).empty());
  fill(*trail, kSegmentEntries, 10);
  EXPECT_EQ(ranges_of(*trail), (std::multiset<Range>{{0, kSegmentEntries}}));
  fill(*trail, kSegmentEntries + 10, 10);
  EXPECT_EQ(ranges_of(*trail).size(), 1U);
  EXPECT_EQ(trail->size().value(), kSegmentEntries + 21);
}

TEST_F(IndexCommitmentsTest, what_is_not_committed_yet_is_after_a_restart) {
  for (int life = 0; life < 3; ++life) {
    const auto trail = open();
    if (life == 0) fill(*trail, 0, kSegmentEntries);
    // Duplicates are no reason to append.
    if (life == 1) {
      EventBatch batch;
      testing::EventMaker(1).make(0, 20, batch);
      EXPECT_EQ(trail->append(batch.events())->duplicates, 20U);
    }
    if (life == 2) fill(*trail, kSegmentEntries, 1);
    EXPECT_EQ(ranges_of(*trail).size(), life == 2 ? 1U : 0U);
  }
  const auto trail = open();
  ASSERT_TRUE(trail->append_record("import", "{}"));
  EXPECT_EQ(ranges_of(*trail), (std::multiset<Range>{{0, kSegmentEntries}}));
}

TEST_F(IndexCommitmentsTest, everything_is_proved_with_what_is_not_sealed_yet) {
  const auto trail = open();
  fill(*trail, 0, 100);
  ASSERT_TRUE(trail->commit_tail_index());
  EXPECT_EQ(ranges_of(*trail), (std::multiset<Range>{{0, 100}}));
  expect_complete(*trail);
  // Nothing came since.
  ASSERT_TRUE(trail->commit_tail_index());
  EXPECT_EQ(trail->size().value(), 101U);
  fill(*trail, 100, 2 * kSegmentEntries + 500);
  ASSERT_TRUE(trail->commit_tail_index());
  expect_complete(*trail);
  const auto committed = trail->committed_indexes(trail->size());
  ASSERT_EQ(committed->size(), 2U);  // two segments, merged, and the tail
  EXPECT_EQ(committed->front().commitment.end, 2 * kSegmentEntries);
}

TEST_F(IndexCommitmentsTest, says_when_an_older_size_has_no_committed_indexes) {
  const auto trail = open();
  fill(*trail, 0, kSegmentEntries + 5);
  EXPECT_EQ(os::refusal(trail->committed_indexes(TreeSize(kSegmentEntries))), Code::kNotFound);
  ASSERT_TRUE(trail->commit_tail_index());
  EXPECT_TRUE(trail->committed_indexes(trail->size()).has_value());
  EXPECT_EQ(os::refusal(trail->committed_indexes(TreeSize(kSegmentEntries))), Code::kNotFound);
}

// An index that fits itself, but not the entries: what it proves would be refused by whoever checks it.
TEST_F(IndexCommitmentsTest, refuses_an_index_that_is_not_the_one_committed) {
  {
    const auto trail = open();
    fill(*trail, 0, kSegmentEntries + 5);
    ASSERT_TRUE(trail->commit_tail_index());
    ASSERT_TRUE(trail->sign());
    std::vector<Bytes> entries = entries_of(*trail);
    entries[17] = entries[18];
    const std::vector<ByteView> views = views_of(entries);
    const auto other = index_of(0, std::span(views).first(kSegmentEntries));
    ASSERT_TRUE(other.has_value());
    ASSERT_TRUE(os::write_file_atomically(files_, "data/trail/index/000000000-000000001.index", *other));
  }
  const auto trail = open();
  const auto committed = trail->committed_indexes(trail->size());
  ASSERT_EQ(os::refusal(committed), Code::kCorrupt);
  EXPECT_NE(committed.error().text.find("data/trail/index/000000000-000000001.index"), std::string::npos);
}

// A reader has no index over the tail, but those that are committed.
TEST_F(IndexCommitmentsTest, a_reader_finds_the_committed_indexes) {
  {
    const auto trail = open();
    fill(*trail, 0, kSegmentEntries + 5);
    ASSERT_TRUE(trail->commit_tail_index());
  }
  const auto trail = open(Access::kRead);
  const auto committed = trail->committed_indexes(trail->size());
  ASSERT_TRUE(committed.has_value()) << committed.error().text;
  ASSERT_EQ(committed->size(), 1U);
  EXPECT_EQ(committed->front().commitment.end, kSegmentEntries);
}

// The records of a full tail go into the next one, and fill it once in a while: here they stand at its very edge.
TEST_F(IndexCommitmentsTest, records_at_the_edge_of_a_segment_are_committed_too) {
  for (const uint64_t missing : {1U, 2U, 3U}) {
    SCOPED_TRACE(missing);
    const auto trail = open();
    const uint64_t room = kSegmentEntries - trail->size().value() % kSegmentEntries;
    if (room < missing) continue;
    fill(*trail, trail->size().value(), room - missing);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(trail->commit_tail_index());
    ASSERT_TRUE(trail->append_record("import", "{}"));
    ASSERT_TRUE(trail->commit_tail_index());
    expect_complete(*trail);
    const auto ranges = ranges_of(*trail);
    EXPECT_EQ(std::set<Range>(ranges.begin(), ranges.end()).size(), ranges.size());
  }
}

}  // namespace
}  // namespace weerbaar::trail

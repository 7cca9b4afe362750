// Index files against an index made the slow and obvious way.
#include "trail/store/index_writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "os/memory.h"
#include "trail/store/index_sample.h"
#include "trail/store/segment_sample.h"

namespace weerbaar::trail {
namespace {

using testing::hashed_postings;
using testing::Mix;
using testing::mixed_entries;
using testing::obvious_index;
using testing::ObviousIndex;

std::vector<ByteView> views_of(const std::vector<Bytes>& entries) {
  return {entries.begin(), entries.end()};
}

std::vector<IndexPosting> all_of(IndexPostings postings) {
  std::vector<IndexPosting> all;
  for (IndexPosting posting; postings.next(posting);) all.push_back(posting);
  EXPECT_TRUE(postings.status()) << postings.status().error().text;
  return all;
}

Hash root_of(const ObviousIndex& index) {
  std::vector<Hash> leaves;
  for (const auto& [key, postings] : index) {
    leaves.push_back(index_leaf_hash(key, sha256(hashed_postings(key, postings))));
  }
  return tree_root(leaves);
}

// Everything that the index says, in turn and by key.
void expect_same(const IndexFile& file, const ObviousIndex& index) {
  ASSERT_EQ(file.keys(), index.size());
  EXPECT_EQ(file.head().root, root_of(index));
  IndexFile::Cursor cursor(file);
  uint32_t rank = 0;
  Bytes actor;
  for (const auto& [key, postings] : index) {
    ASSERT_TRUE(cursor.next()) << cursor.status().error().text;
    ASSERT_TRUE(std::ranges::equal(cursor.key(), key));
    ASSERT_EQ(all_of(cursor.postings()), postings);
    EXPECT_TRUE(file.may_contain(key_hash(key)));
    const auto found = file.find(key);
    ASSERT_TRUE(found && *found);
    ASSERT_EQ(all_of(**found), postings);
    if (key[0] != static_cast<uint8_t>(KeyKind::kActor)) continue;
    ASSERT_TRUE(file.actor_key(rank++, actor));
    EXPECT_EQ(actor, key);
  }
  EXPECT_FALSE(cursor.next());
  EXPECT_TRUE(cursor.status());
  EXPECT_EQ(file.actor_key(rank, actor).error().code, Code::kCorrupt);
}

// Keys that are not there: changes of those that are.
std::vector<Bytes> strangers(const ObviousIndex& index, size_t step) {
  std::vector<Bytes> keys = {{0}, {1}, {0xFF}, Bytes(40, 0xFF)};
  size_t at = 0;
  for (const auto& [key, postings] : index) {
    if (at++ % step != 0) continue;
    Bytes longer = key;
    longer.push_back(0);
    Bytes shorter(key.begin(), key.end() - 1);
    Bytes next = key;
    ++next.back();
    for (Bytes& changed : std::vector{longer, shorter, next}) {
      if (!changed.empty() && !index.contains(changed)) keys.push_back(std::move(changed));
    }
  }
  return keys;
}

void expect_proofs(const IndexFile& file, const ObviousIndex& index, size_t step) {
  const IndexCommitment commitment = file.commitment();
  Bytes postings;
  size_t at = 0;
  for (const auto& [key, expected] : index) {
    if (at++ % step != 0) continue;
    const auto proof = file.prove(key, postings);
    ASSERT_TRUE(proof.has_value()) << proof.error().text;
    EXPECT_TRUE(proof->present.has_value());
    EXPECT_EQ(postings, hashed_postings(key, expected));
    const Status status = verify_index_proof(key, postings, *proof, commitment.keys, commitment.root);
    ASSERT_TRUE(status) << status.error().text;
  }
  for (const Bytes& key : strangers(index, step)) {
    const auto found = file.find(key);
    ASSERT_TRUE(found.has_value()) << found.error().text;
    EXPECT_FALSE(found->has_value());
    const auto proof = file.prove(key, postings);
    ASSERT_TRUE(proof.has_value()) << proof.error().text;
    EXPECT_FALSE(proof->present.has_value());
    const Status status = verify_index_proof(key, postings, *proof, commitment.keys, commitment.root);
    ASSERT_TRUE(status) << status.error().text;
  }
}

const Mix kMixes[] = {
    {.seed = 1},
    {.seed = 2, .periods = 3, .out_of_order = 100'000},
    {.seed = 3, .persons = 50, .employees = 2, .time_unit = 1, .nanos = true},
    {.seed = 4, .persons = 30'000, .employees = 5'000, .periods = 2, .time_unit = 1'000'000, .texts = true},
    {.seed = 5, .persons = 1, .employees = 1},
};

class EveryMix : public ::testing::TestWithParam<Mix> {};

TEST_P(EveryMix, an_index_of_entries_says_what_is_in_them_and_proves_it) {
  for (const size_t count : {1U, 2U, 63U, 700U, 5'000U, 65'536U}) {
    SCOPED_TRACE(count);
    const std::vector<Bytes> entries = mixed_entries(GetParam(), 1'000'000, count);
    const auto views = views_of(entries);
    const auto bytes = index_of(1'000'000, views);
    ASSERT_TRUE(bytes.has_value()) << bytes.error().text;
    const auto file = IndexFile::open(*bytes);
    ASSERT_TRUE(file.has_value()) << file.error().text;
    EXPECT_EQ(file->first_index(), 1'000'000U);
    EXPECT_EQ(file->end(), 1'000'000U + count);
    const ObviousIndex index = obvious_index(1'000'000, views);
    expect_same(*file, index);
    expect_proofs(*file, index, std::max<size_t>(1, index.size() / 60));
  }
}

TEST_P(EveryMix, a_merged_index_is_that_of_all_entries) {
  os::MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("index"));
  constexpr uint64_t kParts = 3;
  std::vector<Bytes> entries;
  std::vector<Bytes> parts;
  for (uint64_t part = 0; part < kParts; ++part) {
    const uint64_t first = (5 + part) * kSegmentEntries;
    Mix mix = GetParam();
    if (part == 1) mix.time_unit *= 3;
    std::vector<Bytes> more = mixed_entries(mix, first, kSegmentEntries);
    parts.push_back(index_of(first, views_of(more)).value());
    std::ranges::move(more, std::back_inserter(entries));
  }
  std::vector<IndexFile> opened;
  std::vector<const IndexFile*> pointers;
  for (const Bytes& part : parts) opened.push_back(IndexFile::open(part).value());
  for (const IndexFile& file : opened) pointers.push_back(&file);
  const Status merged = merge_indexes(files, "index/merged", pointers);
  ASSERT_TRUE(merged) << merged.error().text;
  EXPECT_EQ(files.list("index")->size(), 1U);
  const auto mapping = files.map("index/merged").value();
  const auto file = IndexFile::open(mapping->bytes());
  ASSERT_TRUE(file.has_value()) << file.error().text;
  const ObviousIndex index = obvious_index(5 * kSegmentEntries, views_of(entries));
  expect_same(*file, index);
  expect_proofs(*file, index, index.size() / 40 + 1);
}

INSTANTIATE_TEST_SUITE_P(Index, EveryMix, ::testing::ValuesIn(kMixes));

TEST(IndexWriter, an_index_of_a_segment_is_that_of_its_entries) {
  const testing::SegmentSample sample(testing::varied_entries());
  const Bytes content = sample.write(kSegmentEntries);
  const Segment segment = Segment::open(content).value();
  const auto of_segment = index_of(segment);
  ASSERT_TRUE(of_segment.has_value()) << of_segment.error().text;
  EXPECT_EQ(*of_segment, index_of(kSegmentEntries, sample.views).value());
}

TEST(IndexWriter, an_index_of_records_only_has_no_periods) {
  std::vector<Bytes> entries(3);
  for (Bytes& entry : entries) encode(StoredRecord{"index", 5, "{}"}, entry);
  const Bytes bytes = index_of(9, views_of(entries)).value();
  const IndexFile file = IndexFile::open(bytes).value();
  EXPECT_EQ(file.keys(), 1U);
  EXPECT_TRUE(file.commitment().periods.empty());
  expect_same(file, obvious_index(9, views_of(entries)));
}

TEST(IndexWriter, refuses_what_is_no_entry) {
  const Bytes nonsense = {1, 2, 3};
  const std::vector<ByteView> entries = {nonsense};
  EXPECT_EQ(index_of(0, entries).error().code, Code::kCorrupt);
}

// Whatever byte changes, the file is refused, or the block that it is in.
TEST(IndexFile, finds_every_changed_byte) {
  const std::vector<Bytes> entries = mixed_entries({.seed = 6, .persons = 300, .texts = true}, 0, 600);
  const Bytes right = index_of(0, views_of(entries)).value();
  const IndexFile file = IndexFile::open(right).value();
  const auto read_all = [](const IndexFile& of, Bytes& postings) -> Status {
    IndexFile::Cursor cursor(of);
    while (cursor.next()) WEERBAAR_TRY(of.prove(Bytes(cursor.key().begin(), cursor.key().end()), postings));
    return cursor.status();
  };
  Bytes postings;
  ASSERT_TRUE(read_all(file, postings));
  for (size_t at = 0; at < right.size(); at += 1 + at / 97) {
    Bytes changed = right;
    changed[at] ^= 0x10;
    const auto opened = IndexFile::open(changed);
    if (!opened) {
      EXPECT_EQ(opened.error().code, Code::kCorrupt);
      continue;
    }
    const Status status = read_all(*opened, postings);
    ASSERT_FALSE(status) << at;
    EXPECT_EQ(status.error().code, Code::kCorrupt);
  }
  for (size_t size = 0; size < right.size(); size += 1 + size / 50) {
    EXPECT_EQ(IndexFile::open(ByteView(right).first(size)).error().code, Code::kCorrupt);
  }
}

}  // namespace
}  // namespace weerbaar::trail

// Indexes that hide something, or say what is not so: files that were forged with all their checksums and hashes, and
// records by which the log itself states a false root.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "trail/format/checkpoint.h"
#include "trail/format/entry.h"
#include "trail/format/index_file.h"
#include "trail/format/index_mend.h"
#include "trail/format/merkle.h"
#include "trail/format/tail.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kIndex = "index/000000000-000000001.index";
constexpr const char* kSecondIndex = "index/000000001-000000002.index";
constexpr const char* kIndexOfBoth = "index/000000000-000000002.index";

// A key of this kind, somewhere in the middle, with at least two postings.
auto key_of(IndexForge& forge, KeyKind kind) {
  auto found = forge.keys.begin();
  while (found->first[0] != static_cast<uint8_t>(kind)) ++found;
  if (kind != KeyKind::kRecord) std::advance(found, 17);
  while (found->second.size() < 2) ++found;
  EXPECT_EQ(found->first[0], static_cast<uint8_t>(kind));
  return found;
}

// --- index files

struct IndexForgery {
  const char* name;
  std::function<void(IndexForge&)> change;
  const char* what;
};

const IndexForgery kIndexForgeries[] = {
    {"leaves_one_posting_of_a_subject_out", [](IndexForge& f) { key_of(f, KeyKind::kSubject)->second.pop_back(); },
     "other entries"},
    {"leaves_the_first_posting_of_a_subject_out",
     [](IndexForge& f) {
       auto& postings = key_of(f, KeyKind::kSubject)->second;
       postings.erase(postings.begin());
     },
     "other entries"},
    {"leaves_one_posting_of_an_actor_out", [](IndexForge& f) { key_of(f, KeyKind::kActor)->second.pop_back(); },
     "other entries"},
    {"leaves_one_key_out", [](IndexForge& f) { f.keys.erase(key_of(f, KeyKind::kSubject)); }, "leaves somebody out"},
    {"leaves_the_last_key_out", [](IndexForge& f) { f.keys.erase(--f.keys.end()); }, "leaves somebody out"},
    {"leaves_all_but_a_few_keys_out",
     [](IndexForge& f) {
       size_t left = 64;  // a whole block: the next one would be behind the end of the file
       std::erase_if(f.keys, [&](const auto&) { return left == 0 || left-- == 0; });
     },
     "leaves somebody out"},
    {"lists_an_entry_that_is_another_person_s",
     [](IndexForge& f) {
       auto& postings = key_of(f, KeyKind::kSubject)->second;
       IndexPosting more = postings.back();
       more.index = f.head.end - 1;
       postings.push_back(more);
     },
     "other entries"},
    {"lists_somebody_who_does_not_occur",
     [](IndexForge& f) {
       const auto found = key_of(f, KeyKind::kSubject);
       Bytes key = found->first;
       key.push_back(0);
       f.keys[key] = found->second;
     },
     "does not occur"},
    {"lists_a_record_that_does_not_occur",
     [](IndexForge& f) {
       Bytes key = f.keys.rbegin()->first;
       key.push_back(0xFF);
       f.keys[key].push_back({f.head.first, {}, 0});
     },
     "does not occur"},
    {"gives_a_posting_to_another_entry", [](IndexForge& f) { ++key_of(f, KeyKind::kSubject)->second.back().index; },
     "other entries"},
    {"has_a_wrong_time", [](IndexForge& f) { key_of(f, KeyKind::kSubject)->second.back().time.micros += 1'000; },
     "other entries"},
    {"has_a_wrong_actor",
     [](IndexForge& f) {
       uint32_t& actor = key_of(f, KeyKind::kSubject)->second.back().actor;
       actor = actor == 0 ? 1 : actor - 1;
     },
     "other entries"},
};

class VerifyIndexForgery : public ::testing::TestWithParam<IndexForgery> {};

TEST_P(VerifyIndexForgery, is_found_and_named) {
  Files files = one_segment_sample().files;
  IndexForge forge(files.at(kIndex));
  GetParam().change(forge);
  files[kIndex] = forge.assemble();
  const Report report = verify_files(files, one_segment_sample());
  const std::string text = to_text(report);
  EXPECT_TRUE(names(report, kIndex)) << text;
  EXPECT_TRUE(text.contains(GetParam().what)) << text;
  for (const Problem& problem : report.problems) EXPECT_EQ(problem.where, kIndex);
}

INSTANTIATE_TEST_SUITE_P(of, VerifyIndexForgery, ::testing::ValuesIn(kIndexForgeries),
                         [](const auto& forgery) { return std::string(forgery.param.name); });

TEST(VerifyIndex, a_forge_that_changes_nothing_gives_the_same_file) {
  const Bytes& file = one_segment_sample().files.at(kIndex);
  EXPECT_EQ(IndexForge(file).assemble(), file);
}

// The report when `change` was done to the bytes of the index, and checksums were mended.
template <class Change>
Report index_with(const Change& change) {
  Files files = one_segment_sample().files;
  change(files[kIndex]);
  testing::mend_index(files[kIndex]);
  return verify_files(files, one_segment_sample());
}

TEST(VerifyIndex, names_a_fence_that_leads_past_a_block) {
  const Report report = index_with([](Bytes& file) {
    const size_t fences = part_begin(file, IndexPart::kFences);
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(fences), kIndexFencePrefixBytes,
                file.begin() + static_cast<std::ptrdiff_t>(fences + kIndexFenceBytes));
  });
  EXPECT_TRUE(names(report, kIndex) && to_text(report).contains("fences")) << to_text(report);
}

TEST(VerifyIndex, names_a_filter_that_hides_somebody) {
  const Report report = index_with([](Bytes& file) {
    *std::find_if(file.begin() + static_cast<std::ptrdiff_t>(part_begin(file, IndexPart::kFilter)), file.end(),
                  [](uint8_t byte) { return byte != 0; }) = 0;
  });
  EXPECT_TRUE(names(report, kIndex) && to_text(report).contains("filter")) << to_text(report);
}

TEST(VerifyIndex, names_a_hash_over_a_block_that_is_wrong) {
  const Report report = index_with([](Bytes& file) { file[part_begin(file, IndexPart::kTimes) - 5] ^= 1U; });
  EXPECT_TRUE(names(report, kIndex) && to_text(report).contains("hashes over its blocks")) << to_text(report);
}

TEST(VerifyIndex, names_a_root_that_is_wrong) {
  constexpr size_t kRootAt = 64;
  const Report report = index_with([](Bytes& file) { file[kRootAt] ^= 1U; });
  EXPECT_TRUE(names(report, kIndex) && to_text(report).contains("its root is not")) << to_text(report);
}

TEST(VerifyIndex, names_periods_that_are_wrong) {
  const Report report = index_with([](Bytes& file) { --file[part_begin(file, IndexPart::kPeriods)]; });
  EXPECT_TRUE(names(report, kIndex) && to_text(report).contains("other periods")) << to_text(report);
}

TEST(VerifyIndex, names_indexes_that_were_exchanged) {
  Files files = large_sample().files;
  std::swap(files[kIndex], files[kSecondIndex]);
  const Report report = verify_files(files, large_sample());
  EXPECT_TRUE(names(report, kIndex) && names(report, kSecondIndex)) << to_text(report);
  EXPECT_EQ(report.problems.size(), 2U) << to_text(report);
}

TEST(VerifyIndex, names_indexes_of_what_is_not_there) {
  Files files = large_sample().files;
  const char* const names_of_others[] = {"index/000000002-000000003.index", "index/000000007-000000008.index",
                                         "index/000000999-000001000.index", "index/000000000-000000003.index",
                                         "index/000000001-000000003.index", "index/000000000-000000512.index",
                                         "index/000000000-000000256.index"};
  for (const char* name : names_of_others) files[name] = files[kSecondIndex];
  const Report report = verify_files(files, large_sample());
  for (const char* name : names_of_others) EXPECT_TRUE(names(report, name)) << name << "\n" << to_text(report);
}

TEST(VerifyIndex, names_an_index_that_was_cut_short_or_is_none) {
  for (const size_t left : {size_t{0}, size_t{100}, kIndexHeadBytes, size_t{50'000}}) {
    Files files = one_segment_sample().files;
    files[kIndex].resize(left);
    EXPECT_TRUE(names(verify_files(files, one_segment_sample()), kIndex)) << left;
  }
}

TEST(VerifyIndex, goes_on_with_the_others_when_one_is_damaged) {
  Files files = large_sample().files;
  files[kIndex].resize(1000);
  IndexForge forge(files[kSecondIndex]);
  key_of(forge, KeyKind::kSubject)->second.pop_back();
  files[kSecondIndex] = forge.assemble();
  const Report report = verify_files(files, large_sample());
  EXPECT_TRUE(names(report, kIndex) && names(report, kSecondIndex)) << to_text(report);
}

// --- indexes over several segments, and what the log states of them

constexpr uint64_t kTailFirst = 2 * kSegmentEntries;
constexpr const char* kTail = "tail/000000000000131072.tail";

const std::vector<Bytes>& all_entries() {
  static const std::vector<Bytes> entries = [] {
    const Files& files = large_sample().files;
    std::vector<Bytes> all;
    for (const char* path : {"segments/000000000.segment", "segments/000000001.segment"}) {
      std::ranges::move(entries_of(Segment::open(files.at(path)).value()), std::back_inserter(all));
    }
    const TailContent tail = read_tail(files.at(kTail)).value();
    for (const ByteView entry : tail.entries) all.emplace_back(entry.begin(), entry.end());
    return all;
  }();
  return entries;
}

std::vector<Bytes> entries_between(uint64_t first, uint64_t end) {
  const auto& all = all_entries();
  return {all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

const Bytes& index_of_both() {
  static const Bytes file = index_file_of(0, entries_between(0, kTailFirst));
  return file;
}

TEST(VerifyIndex, finds_nothing_wrong_with_an_index_of_two_segments) {
  Files files = large_sample().files;
  files.erase(kIndex);
  files.erase(kSecondIndex);
  files[kIndexOfBoth] = index_of_both();
  const Report report = verify_files(files, large_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  EXPECT_TRUE(report.notes.empty()) << to_text(report);
}

TEST(VerifyIndex, names_an_index_of_two_segments_that_leaves_one_posting_out) {
  for (const KeyKind kind : {KeyKind::kSubject, KeyKind::kActor, KeyKind::kRecord}) {
    Files files = large_sample().files;
    IndexForge forge(index_of_both());
    key_of(forge, kind)->second.pop_back();
    files[kIndexOfBoth] = forge.assemble();
    const Report report = verify_files(files, large_sample());
    ASSERT_EQ(report.problems.size(), 3U) << to_text(report);
    for (const Problem& problem : report.problems) EXPECT_EQ(problem.where, kIndexOfBoth);
  }
}

IndexCommitment commitment_at(uint64_t entry) {
  Entry decoded;
  EXPECT_TRUE(decoded.decode(all_entries()[entry]).has_value());
  return parse_index_commitment(decoded.record().body).value();
}

// The entry in the tail of large_sample() that commits an index from `first` on, over a tail, or over these entries.
uint64_t record_of(uint64_t first, std::optional<uint64_t> end) {
  Entry decoded;
  for (uint64_t entry = kTailFirst; entry < all_entries().size(); ++entry) {
    EXPECT_TRUE(decoded.decode(all_entries()[entry]).has_value());
    if (decoded.is_event() || decoded.record().type != kIndexRecordType) continue;
    const IndexCommitment commitment = commitment_at(entry);
    if (commitment.first == first && commitment.end == end.value_or(commitment.end)) return entry;
  }
  ADD_FAILURE() << "no record commits an index from " << first;
  return 0;
}
uint64_t record_of_second() {
  return record_of(kSegmentEntries, kTailFirst);
}
uint64_t record_of_tail() {
  return record_of(kTailFirst, std::nullopt);
}

// large_sample() as a log would have it that states this in an entry of its tail, and signs it.
Files lying_log(uint64_t entry, const std::string& body) {
  Files files = large_sample().files;
  std::vector<Bytes> tail = entries_between(kTailFirst, all_entries().size());
  Entry decoded;
  EXPECT_TRUE(decoded.decode(all_entries()[entry]).has_value());
  StoredRecord record = decoded.record();
  record.body = body;
  Bytes changed;
  encode(record, changed);
  tail[entry - kTailFirst] = changed;
  files[kTail] = tail_of(kTailFirst, tail, kTailFirst);
  static const std::vector<Hash> leaves_of_segments = [] {
    std::vector<ByteView> views;
    for (uint64_t i = 0; i < kTailFirst; ++i) views.emplace_back(all_entries()[i]);
    std::vector<Hash> leaves(views.size());
    leaf_hashes(views, leaves);
    return leaves;
  }();
  std::vector<Hash> leaves = leaves_of_segments;
  for (const Bytes& each : tail) leaves.push_back(leaf_hash(each));
  const SampleTrail& sample = large_sample();
  const std::string note =
      sign_checkpoint({sample.origin(), TreeSize(leaves.size()), tree_root(leaves), {}}, *sample.key).value();
  files["checkpoint"] = Bytes(note.begin(), note.end());
  return files;
}

// The report names this entry, and nothing else.
void expect_named(const Files& files, uint64_t entry) {
  const Report report = verify_files(files, large_sample());
  ASSERT_EQ(report.problems.size(), 1U) << to_text(report);
  EXPECT_EQ(report.problems[0].where, fmt::format("entry {}", entry)) << to_text(report);
}

struct Committed {
  const char* name;
  uint64_t first;
  std::optional<uint64_t> end;
};

const Committed kCommitted[] = {
    {"in_a_segment", kSegmentEntries, kTailFirst},
    {"in_several_segments", 0, kTailFirst},
    {"in_the_tail", kTailFirst, std::nullopt},
};

class VerifyCommitment : public ::testing::TestWithParam<Committed> {
 protected:
  const uint64_t entry_ = record_of(GetParam().first, GetParam().end);
  const IndexCommitment committed_ = commitment_at(entry_);
  // The index that it commits.
  [[nodiscard]] Bytes index() const {
    return index_file_of(committed_.first, entries_between(committed_.first, committed_.end));
  }
};

TEST_P(VerifyCommitment, agrees_with_what_the_log_committed) {
  const Bytes file = index();
  EXPECT_EQ(committed_, IndexFile::open(file).value().commitment());
  const Report report = verify_files(lying_log(entry_, to_json(committed_)), large_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
}

TEST_P(VerifyCommitment, of_a_root_that_hides_one_posting_is_found_and_named) {
  for (const KeyKind kind : {KeyKind::kSubject, KeyKind::kActor}) {
    IndexForge forge(index());
    key_of(forge, kind)->second.pop_back();
    const Bytes forged = forge.assemble();
    expect_named(lying_log(entry_, to_json(IndexFile::open(forged).value().commitment())), entry_);
  }
}

TEST_P(VerifyCommitment, of_a_root_that_hides_one_person_is_found_and_named) {
  IndexForge forge(index());
  forge.keys.erase(key_of(forge, KeyKind::kSubject));
  const Bytes forged = forge.assemble();
  expect_named(lying_log(entry_, to_json(IndexFile::open(forged).value().commitment())), entry_);
}

TEST_P(VerifyCommitment, with_a_false_number_of_keys_is_found_and_named) {
  IndexCommitment lie = committed_;
  ++lie.keys;
  expect_named(lying_log(entry_, to_json(lie)), entry_);
}

TEST_P(VerifyCommitment, with_false_periods_is_found_and_named) {
  IndexCommitment lie = committed_;
  lie.periods.pop_back();
  expect_named(lying_log(entry_, to_json(lie)), entry_);
  lie.periods.push_back(9'999);
  expect_named(lying_log(entry_, to_json(lie)), entry_);
}

INSTANTIATE_TEST_SUITE_P(of, VerifyCommitment, ::testing::ValuesIn(kCommitted),
                         [](const auto& part) { return std::string(part.param.name); });

TEST(VerifyIndex, names_a_commitment_of_another_range) {
  IndexCommitment lie = commitment_at(record_of_tail());
  --lie.end;
  expect_named(lying_log(record_of_tail(), to_json(lie)), record_of_tail());
  lie = commitment_at(record_of_second());
  lie.first -= kSegmentEntries;
  lie.end -= kSegmentEntries;
  expect_named(lying_log(record_of_second(), to_json(lie)), record_of_second());
}

TEST(VerifyIndex, names_a_commitment_of_a_range_that_no_index_covers) {
  const std::pair<uint64_t, uint64_t> ranges[] = {
      {1, kSegmentEntries}, {0, kSegmentEntries + 1}, {1, 2}, {0, record_of_tail()}};
  for (const auto& [first, end] : ranges) {
    IndexCommitment lie = commitment_at(record_of_tail());
    lie.first = first;
    lie.end = end;
    expect_named(lying_log(record_of_tail(), to_json(lie)), record_of_tail());
  }
}

TEST(VerifyIndex, names_a_commitment_of_entries_that_came_later) {
  IndexCommitment lie = commitment_at(record_of_tail());
  for (const uint64_t end : {record_of_tail() + 1, record_of_tail() + 500, uint64_t{UINT64_MAX}}) {
    lie.end = end;
    expect_named(lying_log(record_of_tail(), to_json(lie)), record_of_tail());
  }
}

TEST(VerifyIndex, names_a_record_of_the_type_that_commits_nothing) {
  for (const char* body : {"{}", "", R"({"first":0,"end":0,"keys":0,"periods":[],"root":""})"}) {
    expect_named(lying_log(record_of_tail(), body), record_of_tail());
  }
}

TEST(VerifyIndex, names_what_was_hidden_in_a_tail_that_is_sealed_by_now) {
  // As that of the tail, which ends within what will be a segment: the segment stands in its place here.
  const std::vector<Bytes> first = entries_between(0, 5'000);
  const Bytes right = index_file_of(0, first);
  IndexForge forge(right);
  key_of(forge, KeyKind::kSubject)->second.pop_back();
  const Bytes forged = forge.assemble();
  expect_named(lying_log(record_of_tail(), to_json(IndexFile::open(forged).value().commitment())), record_of_tail());
  const std::string honest = to_json(IndexFile::open(right).value().commitment());
  const Report report = verify_files(lying_log(record_of_tail(), honest), large_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
}

}  // namespace
}  // namespace weerbaar::trail

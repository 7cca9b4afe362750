#include "trail/verify/verify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>

#include "os/faulty.h"
#include "os/testing.h"
#include "trail/format/checkpoint.h"
#include "trail/format/tail.h"
#include "trail/verify/problem_list.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kSmallTail = "tail/000000000000000000.tail";

Bytes bytes_of(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Checkpoint opened(const std::string& note, const SampleTrail& sample) {
  return open_checkpoint(note, sample.key->verifier(), sample.origin()).value();
}

int64_t notes_at(const Report& report, std::string_view where) {
  return std::ranges::count_if(report.notes, [&](const Problem& note) { return note.where.contains(where); });
}

TEST(Verify, finds_nothing_wrong_with_an_honest_trail) {
  const SampleTrail& sample = large_sample();
  const Report report = verify_files(sample.files, sample);
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(to_text(report), "");
  EXPECT_EQ(report.size.value(), sample.size);
  EXPECT_EQ(report.root, opened(sample.notes.back(), sample).root);
  EXPECT_EQ(report.segments, 2U);
  EXPECT_EQ(report.tail_entries, sample.size - 2 * kSegmentEntries);
  EXPECT_EQ(report.behind, 0U);
  EXPECT_EQ(report.unacknowledged_bytes, 0U);
}

TEST(Verify, finds_nothing_wrong_with_an_empty_trail) {
  SampleTrail sample = small_sample();
  const Checkpoint empty{sample.origin(), TreeSize(0), sha256({}), {}};
  sample.files = {{"checkpoint", bytes_of(sign_checkpoint(empty, *sample.key).value())}};
  const Report report = verify_files(sample.files, sample);
  EXPECT_TRUE(report.ok) << to_text(report);
  EXPECT_EQ(report.root, sha256({}));
}

TEST(Verify, agrees_with_every_checkpoint_that_was_ever_signed) {
  const SampleTrail& sample = small_sample();
  const auto disk = disk_with(sample.files);
  VerifyOptions options = options_for(*disk, sample);
  for (const std::string& note : sample.notes) {
    options.against = note;
    EXPECT_TRUE(verify(options).value().ok) << note;
  }
}

TEST(Verify, agrees_with_checkpoints_kept_from_the_middle_of_a_segment) {
  const SampleTrail& sample = large_sample();
  const auto disk = disk_with(sample.files);
  VerifyOptions options = options_for(*disk, sample);
  options.against = sample.notes[1];
  options.remembered = sample.notes[4];
  ASSERT_NE(opened(*options.against, sample).size.value() % kSegmentEntries, 0U);
  ASSERT_GT(opened(*options.remembered, sample).size.value(), kSegmentEntries);
  const Report report = verify(options).value();
  EXPECT_TRUE(report.ok) << to_text(report);
}

TEST(Verify, says_how_far_it_is) {
  const SampleTrail& sample = large_sample();
  const auto disk = disk_with(sample.files);
  VerifyOptions options = options_for(*disk, sample);
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  options.progress = [&](uint64_t done, uint64_t total) { seen.emplace_back(done, total); };
  ASSERT_TRUE(verify(options).value().ok);
  const uint64_t total = 3 * kSegmentEntries;
  const std::vector<std::pair<uint64_t, uint64_t>> expected = {
      {kSegmentEntries, total}, {2 * kSegmentEntries, total}, {total, total}};
  EXPECT_EQ(seen, expected);
}

TEST(Verify, reports_the_same_whatever_the_number_of_threads) {
  Files files = large_sample().files;
  files["segments/000000000.segment"][200'000] ^= 1U;
  files["segments/000000001.segment"][300'000] ^= 1U;
  const auto disk = disk_with(files);
  VerifyOptions options = options_for(*disk, large_sample());
  options.threads = 1;
  const Report by_one = verify(options).value();
  options.threads = 7;
  const Report by_seven = verify(options).value();
  EXPECT_FALSE(by_one.ok);
  EXPECT_EQ(by_one.problems, by_seven.problems);
  EXPECT_EQ(by_one.notes, by_seven.notes);
}

TEST(Verify, counts_entries_that_are_not_signed_yet) {
  Files files = small_sample().files;
  files["checkpoint"] = bytes_of(small_sample().notes[1]);
  const Report report = verify_files(files, small_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  EXPECT_EQ(report.behind, 100U);
  EXPECT_EQ(report.size.value(), 400U);
}

TEST(Verify, notes_what_a_crash_left_of_a_batch) {
  Files files = small_sample().files;
  const uint64_t end = read_tail(files[kSmallTail]).value().end;
  files[kSmallTail][end + 99] = 1;
  const Report report = verify_files(files, small_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  EXPECT_EQ(report.unacknowledged_bytes, 100U);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].where, kSmallTail);
}

TEST(Verify, notes_a_tail_whose_making_was_cut_off) {
  Files files = one_segment_sample().files;
  files["tail/000000000000065536.tail"] = Bytes(4096);
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  EXPECT_EQ(notes_at(report, "tail/"), 1) << to_text(report);
}

TEST(Verify, notes_a_file_whose_writing_was_cut_off) {
  Files files = small_sample().files;
  files["segments/000000000.segment.new"] = Bytes(10);
  const Report report = verify_files(files, small_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].where, "segments/000000000.segment.new");
}

TEST(Verify, notes_a_tail_that_was_sealed_and_finds_one_that_differs) {
  Files files = one_segment_sample().files;
  const SegmentForge forge(files["segments/000000000.segment"]);
  std::vector<Bytes> entries = entries_of(forge.segment());
  files[kSmallTail] = tail_of(0, entries);
  const Report honest = verify_files(files, one_segment_sample());
  EXPECT_TRUE(honest.ok) << to_text(honest);
  EXPECT_EQ(notes_at(honest, kSmallTail), 1) << to_text(honest);
  EXPECT_EQ(honest.tail_entries, 0U);

  std::swap(entries[7], entries[8]);
  files[kSmallTail] = tail_of(0, entries);
  const Report tampered = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(tampered, kSmallTail)) << to_text(tampered);
}

TEST(Verify, does_without_indexes_and_notes_their_absence) {
  Files files = large_sample().files;
  files.erase("index/000000001-000000002.index");
  Report report = verify_files(files, large_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  ASSERT_EQ(report.notes.size(), 1U) << to_text(report);
  EXPECT_TRUE(report.notes[0].what.starts_with("1 segment without an index")) << to_text(report);
  files.erase("index/000000000-000000001.index");
  report = verify_files(files, large_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  ASSERT_EQ(report.notes.size(), 1U) << to_text(report);
  EXPECT_TRUE(report.notes[0].what.starts_with("2 segments without an index")) << to_text(report);
}

TEST(Verify, does_without_the_directory_of_indexes) {
  os::MemoryFileSystem disk;
  for (const char* folder : {"tail", "segments"}) {
    ASSERT_TRUE(disk.make_directory(os::join(kTrailDirectory, folder)).has_value());
  }
  for (const auto& [path, content] : small_sample().files) {
    if (path != "checkpoint" && !path.starts_with("tail/")) continue;
    const auto file = disk.open(os::join(kTrailDirectory, path), os::Mode::kCreate).value();
    ASSERT_TRUE(file->write_at(0, content).has_value());
  }
  const Report report = verify(options_for(disk, small_sample())).value();
  EXPECT_TRUE(report.ok) << to_text(report);
}

// As for those that were sealed by an earlier version, or just now.
TEST(Verify, notes_segments_whose_index_no_record_commits) {
  const Report report = verify_files(one_segment_sample().files, one_segment_sample());
  EXPECT_TRUE(report.ok) << to_text(report);
  ASSERT_EQ(report.notes.size(), 1U) << to_text(report);
  EXPECT_TRUE(report.notes[0].what.starts_with("of 1 segment no record commits the index yet")) << to_text(report);
}

TEST(Verify, finds_that_the_keys_signed_a_later_checkpoint) {
  Files files = small_sample().files;
  files["checkpoint"] = bytes_of(small_sample().notes[1]);
  const auto disk = disk_with(files);
  VerifyOptions options = options_for(*disk, small_sample());
  options.remembered = small_sample().notes[2];
  const Report report = verify(options).value();
  ASSERT_EQ(report.problems.size(), 1U) << to_text(report);
  EXPECT_EQ(report.problems[0].where, "checkpoint");
  EXPECT_TRUE(report.problems[0].what.starts_with("it is older than the last one that the keys signed"));
  EXPECT_NE(report.problems[0].what.find("a crash or a full disk came between"), std::string::npos);
}

TEST(Verify, notes_that_the_keys_are_older_than_the_checkpoint) {
  const auto disk = disk_with(small_sample().files);
  VerifyOptions options = options_for(*disk, small_sample());
  options.remembered = small_sample().notes[1];
  const Report report = verify(options).value();
  EXPECT_TRUE(report.ok) << to_text(report);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].where, "remembered checkpoint");
}

TEST(Verify, says_how_many_entries_nobody_signed) {
  Files files = small_sample().files;
  EXPECT_EQ(verify_files(files, small_sample()).behind, 0U);
  files["checkpoint"] = bytes_of(small_sample().notes[1]);
  const Report report = verify_files(files, small_sample());
  const uint64_t size = opened(small_sample().notes[1], small_sample()).size.value();
  EXPECT_EQ(report.behind, report.size.value() - size);
}

TEST(Verify, refuses_a_directory_that_is_not_there) {
  os::MemoryFileSystem disk;
  EXPECT_EQ(os::refusal(verify(options_for(disk, small_sample()))), Code::kNotFound);
}

TEST(Verify, finds_everything_missing_in_an_empty_directory) {
  os::MemoryFileSystem disk;
  ASSERT_TRUE(disk.make_directory(std::string(kTrailDirectory)).has_value());
  const Report report = verify(options_for(disk, small_sample())).value();
  for (const char* where : {"checkpoint", "segments", "tail"}) EXPECT_TRUE(names(report, where)) << where;
}

TEST(Verify, never_says_ok_when_a_read_failed) {
  const auto disk = disk_with(small_sample().files);
  os::FaultyFileSystem faulty(*disk);
  const VerifyOptions options = options_for(faulty, small_sample());
  uint64_t step = 0;
  for (;; ++step) {
    faulty.fail_at(step, os::Fault::kInputOutput, false);
    const auto report = verify(options);
    if (!faulty.struck()) {
      EXPECT_TRUE(report.value().ok);
      break;
    }
    EXPECT_FALSE(report && report->ok) << "step " << step;
  }
  EXPECT_GT(step, 8U);
}

TEST(Verify, bounds_the_problems_and_says_how_many_more) {
  Files files = small_sample().files;
  for (size_t i = 0; i < kProblemsPerFileMax + 68; ++i) files[fmt::format("segments/{}.foreign", i)] = {};
  const Report report = verify_files(files, small_sample());
  ASSERT_EQ(report.problems.size(), kProblemsPerFileMax + 1);
  EXPECT_EQ(report.problems.back().what, "68 more problems like these");
}

TEST(Verify, bounds_the_problems_of_one_file) {
  SegmentForge forge(one_segment_sample().files.at("segments/000000000.segment"));
  forge.set(Section::kReceived, std::vector<int64_t>(kSegmentEntries, -1));
  Files files = one_segment_sample().files;
  files["segments/000000000.segment"] = forge.assemble();
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, "segments/000000000.segment, entry 0"));
  EXPECT_TRUE(to_text(report).contains("65530 more problems like these")) << to_text(report);
  EXPECT_LT(report.problems.size(), kProblemsPerFileMax);
}

}  // namespace
}  // namespace weerbaar::trail

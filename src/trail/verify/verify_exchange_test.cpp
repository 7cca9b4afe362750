// Whole files, batches and checkpoints that were removed, exchanged, added or put back.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "trail/format/checkpoint.h"
#include "trail/format/merkle.h"
#include "trail/format/tail.h"
#include "trail/verify/testing.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kFirst = "segments/000000000.segment";
constexpr const char* kSecond = "segments/000000001.segment";
constexpr const char* kLargeTail = "tail/000000000000131072.tail";
constexpr const char* kTail = "tail/000000000000000000.tail";

Bytes bytes_of(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// The report on large_sample() with some of its files changed.
template <class Change>
Report large_with(const Change& change) {
  Files files = large_sample().files;
  change(files);
  return verify_files(files, large_sample());
}
template <class Change>
Report small_with(const Change& change) {
  Files files = small_sample().files;
  change(files);
  return verify_files(files, small_sample());
}

// --- segments
// -----------------------------------------------------------------------------------------------------------

TEST(VerifyExchange, names_two_segments_that_were_exchanged) {
  const Report report = large_with([](Files& files) { std::swap(files[kFirst], files[kSecond]); });
  EXPECT_TRUE(names(report, kFirst)) << to_text(report);
  EXPECT_TRUE(names(report, kSecond)) << to_text(report);
}

TEST(VerifyExchange, names_the_first_segment_when_it_was_removed) {
  const Report report = large_with([](Files& files) { files.erase(kFirst); });
  EXPECT_TRUE(names(report, kFirst)) << to_text(report);
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
}

TEST(VerifyExchange, names_the_last_segment_when_it_was_removed_before_a_tail) {
  const Report report = large_with([](Files& files) { files.erase(kSecond); });
  EXPECT_TRUE(names(report, kSecond)) << to_text(report);
}

TEST(VerifyExchange, names_the_first_of_several_missing_files) {
  const Report report = large_with([](Files& files) {
    files.erase(kFirst);
    files.erase(kSecond);
  });
  EXPECT_TRUE(names(report, kFirst)) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("as are the files up to segments/000000001.segment")) << to_text(report);
}

TEST(VerifyExchange, finds_that_the_last_segment_was_removed_when_nothing_follows) {
  Files files = one_segment_sample().files;
  files.erase(kFirst);
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("entries are missing: it signs 65536, and the trail holds 0"));
}

TEST(VerifyExchange, names_a_segment_that_was_added) {
  const Report beside_tail = large_with([](Files& files) { files["segments/000000002.segment"] = files[kSecond]; });
  EXPECT_TRUE(names(beside_tail, "segments/000000002.segment")) << to_text(beside_tail);
  EXPECT_TRUE(names(beside_tail, kLargeTail)) << to_text(beside_tail);

  Files files = one_segment_sample().files;
  files[kSecond] = files[kFirst];
  const Report at_end = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(at_end, kSecond)) << to_text(at_end);
}

TEST(VerifyExchange, names_a_segment_that_was_renamed_far_away) {
  Files files = one_segment_sample().files;
  files["segments/281474976710654.segment"] = files[kFirst];
  const Report report = verify_files(files, one_segment_sample());
  EXPECT_TRUE(names(report, "segments/281474976710654.segment")) << to_text(report);
  EXPECT_TRUE(names(report, kSecond)) << to_text(report);
}

TEST(VerifyExchange, names_a_segment_that_was_cut_short) {
  for (const size_t left : {size_t{0}, size_t{100}, size_t{1000}, size_t{300'000}}) {
    Files files = one_segment_sample().files;
    files[kFirst].resize(left);
    const Report report = verify_files(files, one_segment_sample());
    EXPECT_TRUE(names(report, kFirst)) << left << "\n" << to_text(report);
  }
}

TEST(VerifyExchange, names_files_that_do_not_belong_there) {
  for (const char* name :
       {"segments/0.segment", "segments/000000000.segment~", "segments/00000000a.segment",
        "segments/0000000001.segment", "tail/000000000000000001.tail", "tail/x", "index/1.index",
        "index/000000000-000000001.index~", "index/000000001-000000001.index", "tail/99999999999999999999999.tail"}) {
    const Report report = small_with([&](Files& files) { files[name] = {}; });
    EXPECT_TRUE(names(report, name)) << to_text(report);
  }
}

// --- tails
// --------------------------------------------------------------------------------------------------------------

// Where the batches of a tail begin, and where the last ends.
std::vector<size_t> batches_of(const Bytes& file) {
  std::vector<size_t> starts = {kTailHeadBytes};
  while (load_le<uint32_t>(file.data() + starts.back()) != 0) {
    const auto length = load_le<uint64_t>(file.data() + starts.back() + 16);
    starts.push_back(starts.back() + kBatchHeadBytes + padded(length));
  }
  return starts;
}

std::span<uint8_t> part_of(Bytes& file, size_t begin, size_t end) {
  return std::span(file).subspan(begin, end - begin);
}

// Makes every checksum of a tail right again.
void mend_tail(Bytes& file) {
  const std::vector<size_t> starts = batches_of(file);
  auto previous = load_le<uint64_t>(file.data() + 56);
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    uint8_t* const head = file.data() + starts[i];
    const auto length = load_le<uint64_t>(head + 16);
    store_le(head + 32, previous);
    store_le(head + 40, uint64_t{XXH3_64bits(head + kBatchHeadBytes, length)});
    previous = head_checksum(ByteView(head, kBatchHeadBytes));
    store_le(head + 56, previous);
  }
}

TEST(VerifyExchange, finds_that_the_tail_was_removed) {
  const Report report = large_with([](Files& files) { files.erase(kLargeTail); });
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_TRUE(to_text(report).contains(
      fmt::format("entries are missing: it signs {}, and the trail holds 131072", large_sample().size)));
}

TEST(VerifyExchange, names_a_tail_that_was_renamed) {
  const Report report = small_with([](Files& files) {
    files[kLargeTail] = files[kTail];
    files.erase(kTail);
  });
  EXPECT_TRUE(names(report, kLargeTail)) << to_text(report);
  EXPECT_TRUE(names(report, kFirst)) << to_text(report);
}

TEST(VerifyExchange, names_a_tail_that_is_missing_between_tails) {
  const Report report = small_with([](Files& files) {
    const auto head = write_tail_head(2 * kSegmentEntries);
    files[kLargeTail] = Bytes(head.begin(), head.end());
  });
  EXPECT_TRUE(names(report, "tail/000000000000065536.tail")) << to_text(report);
  EXPECT_TRUE(names(report, kTail)) << "it holds only some of its entries, and others follow\n" << to_text(report);
}

TEST(VerifyExchange, finds_that_a_tail_was_cut_short) {
  const std::vector<size_t> starts = batches_of(small_sample().files.at(kTail));
  for (const size_t left : {size_t{0}, size_t{63}, starts[1], starts[2] + 70, starts.back() - 9}) {
    const Report report = small_with([&](Files& files) { files[kTail].resize(left); });
    EXPECT_TRUE(names(report, "checkpoint")) << left << "\n" << to_text(report);
  }
}

TEST(VerifyExchange, finds_that_the_last_batch_was_removed_from_below_the_checkpoint) {
  const Report report = small_with([](Files& files) {
    const std::vector<size_t> starts = batches_of(files[kTail]);
    std::ranges::fill(part_of(files[kTail], starts[starts.size() - 2], starts.back()), uint8_t{0});
  });
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("entries are missing: it signs 400, and the trail holds 300"));
}

TEST(VerifyExchange, names_a_tail_from_whose_middle_a_batch_was_removed) {
  const Report report = small_with([](Files& files) {
    const std::vector<size_t> starts = batches_of(files[kTail]);
    std::ranges::fill(part_of(files[kTail], starts[2], starts[3]), uint8_t{0});
  });
  EXPECT_TRUE(names(report, kTail)) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("entry 100 (offset")) << to_text(report);
}

TEST(VerifyExchange, names_a_tail_whose_batches_were_exchanged) {
  const Report report = small_with([](Files& files) {
    const std::vector<size_t> starts = batches_of(files[kTail]);
    std::rotate(files[kTail].begin() + static_cast<std::ptrdiff_t>(starts[2]),
                files[kTail].begin() + static_cast<std::ptrdiff_t>(starts[3]),
                files[kTail].begin() + static_cast<std::ptrdiff_t>(starts[4]));
  });
  EXPECT_TRUE(names(report, kTail)) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("out of its order")) << to_text(report);
}

TEST(VerifyExchange, finds_an_entry_changed_in_a_tail_with_all_checksums_mended) {
  const Report report = small_with([](Files& files) {
    Bytes& file = files[kTail];
    const std::string_view id = "run-000000006";
    const auto found = std::ranges::search(file, as_bytes(id)).begin();
    ASSERT_NE(found, file.end());
    *(found + 12) = '8';
    mend_tail(file);
  });
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_FALSE(names(report, kTail)) << to_text(report);
}

TEST(VerifyExchange, names_an_entry_in_a_tail_that_is_not_canonical) {
  const Report report = small_with([](Files& files) {
    Bytes& file = files[kTail];
    const std::string_view id = "run-000000006";
    *std::ranges::search(file, as_bytes(id)).begin() = 0xFF;
    mend_tail(file);
  });
  EXPECT_TRUE(names(report, std::string(kTail) + ", entry 6")) << to_text(report);
}

TEST(VerifyExchange, finds_a_signed_size_in_a_tail_that_cannot_be) {
  const Report report = small_with([](Files& files) {
    store_le(files[kTail].data() + kTailHeadBytes + 24, uint64_t{500});
    mend_tail(files[kTail]);
  });
  EXPECT_TRUE(names(report, kTail)) << to_text(report);
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
}

TEST(VerifyExchange, names_a_segment_that_states_less_signed_than_the_one_before) {
  const Report report = large_with([](Files& files) {
    SegmentForge forge(files[kSecond]);
    forge.header.signed_size = 0;
    files[kSecond] = forge.assemble();
  });
  EXPECT_TRUE(names(report, std::string(kSecond) + ", head")) << to_text(report);
}

// --- checkpoints
// --------------------------------------------------------------------------------------------------------

TEST(VerifyExchange, finds_that_the_checkpoint_was_removed) {
  const Report report = small_with([](Files& files) { files.erase("checkpoint"); });
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
}

TEST(VerifyExchange, finds_that_an_old_checkpoint_was_put_back) {
  const Report report = small_with([](Files& files) { files["checkpoint"] = bytes_of(small_sample().notes[0]); });
  EXPECT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("put back")) << to_text(report);
}

// Everything after an old checkpoint taken away with it: nothing in the trail itself can show that.
TEST(VerifyExchange, finds_a_trail_put_back_as_a_whole_only_by_a_checkpoint_kept_elsewhere) {
  Files files = small_sample().files;
  const std::vector<size_t> starts = batches_of(files[kTail]);
  std::ranges::fill(part_of(files[kTail], starts[starts.size() - 2], starts.back()), uint8_t{0});
  files["checkpoint"] = bytes_of(small_sample().notes[1]);
  const auto disk = disk_with(files);
  VerifyOptions options = options_for(*disk, small_sample());
  EXPECT_TRUE(verify(options).value().ok);

  options.against = small_sample().notes.back();
  const Report by_kept = verify(options).value();
  EXPECT_TRUE(names(by_kept, "kept checkpoint")) << to_text(by_kept);
  EXPECT_TRUE(to_text(by_kept).contains("\ncheckpoint: it is older than the kept one")) << to_text(by_kept);

  options.against.reset();
  options.remembered = small_sample().notes.back();
  const Report by_keys = verify(options).value();
  EXPECT_TRUE(names(by_keys, "remembered checkpoint")) << to_text(by_keys);
}

TEST(VerifyExchange, tells_a_checkpoint_of_another_signer_from_a_damaged_one) {
  const SampleTrail& sample = small_sample();
  const auto other = SigningKey::from_seed(sample.origin(), std::array<uint8_t, kSeedBytes>{1}).value();
  const Checkpoint honest = open_checkpoint(sample.notes.back(), sample.key->verifier(), sample.origin()).value();
  const std::string forged = sign_checkpoint(honest, other).value();
  const Report report = small_with([&](Files& files) { files["checkpoint"] = bytes_of(forged); });
  ASSERT_EQ(report.problems.size(), 1U) << to_text(report);
  EXPECT_EQ(report.problems[0].where, "checkpoint");
  EXPECT_EQ(report.problems[0].what,
            fmt::format("signed by another key: by {0} (key {1:08x}), not by {0} (key {2:08x})", sample.origin(),
                        other.verifier().id, sample.key->verifier().id));
}

TEST(VerifyExchange, finds_a_checkpoint_of_another_log) {
  const Checkpoint other{"weerbaar.example/other", TreeSize(0), sha256({}), {}};
  const std::string note = sign_checkpoint(other, *small_sample().key).value();
  const Report report = small_with([&](Files& files) { files["checkpoint"] = bytes_of(note); });
  ASSERT_TRUE(names(report, "checkpoint")) << to_text(report);
  EXPECT_TRUE(to_text(report).contains("about another log: weerbaar.example/other")) << to_text(report);
}

// The tree of small_sample() with another entry in it, signed: what a log signs that shows two faces.
std::string note_of_fork(uint64_t size) {
  const Bytes& file = small_sample().files.at(kTail);
  const TailContent tail = read_tail(file).value();
  std::vector<Hash> leaves(tail.entries.size());
  leaf_hashes(tail.entries, leaves);
  leaves[50][0] ^= 1U;
  leaves.resize(size);
  const SampleTrail& sample = small_sample();
  return sign_checkpoint({sample.origin(), TreeSize(size), tree_root(leaves), {}}, *sample.key).value();
}

TEST(VerifyExchange, finds_that_the_trail_was_rewritten_since_a_kept_checkpoint) {
  const auto disk = disk_with(small_sample().files);
  VerifyOptions options = options_for(*disk, small_sample());
  for (const uint64_t size : {uint64_t{51}, uint64_t{256}, uint64_t{400}}) {
    options.against = note_of_fork(size);
    const Report report = verify(options).value();
    ASSERT_EQ(report.problems.size(), 1U) << to_text(report);
    EXPECT_EQ(report.problems[0].where, "kept checkpoint");
    EXPECT_TRUE(report.problems[0].what.contains("the trail was rewritten since that checkpoint"));
  }
}

TEST(VerifyExchange, finds_that_a_kept_checkpoint_signs_more_than_there_is) {
  const auto disk = disk_with(small_sample().files);
  VerifyOptions options = options_for(*disk, small_sample());
  options.against = sign_checkpoint({options.origin, TreeSize(401), Hash{}, {}}, *small_sample().key).value();
  EXPECT_TRUE(names(verify(options).value(), "kept checkpoint"));
}

TEST(VerifyExchange, refuses_a_kept_checkpoint_that_is_none) {
  const auto disk = disk_with(small_sample().files);
  VerifyOptions options = options_for(*disk, small_sample());
  options.against = "not a note";
  EXPECT_TRUE(names(verify(options).value(), "kept checkpoint"));
}

}  // namespace
}  // namespace weerbaar::trail

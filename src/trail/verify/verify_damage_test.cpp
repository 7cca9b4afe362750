// Single bits that changed, as disks and careless hands do: checksums name the place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "trail/format/tail.h"
#include "trail/verify/testing.h"
#include "trail/verify/verify.h"

namespace weerbaar::trail {
namespace {

constexpr const char* kSegment = "segments/000000000.segment";
constexpr const char* kTail = "tail/000000000000000000.tail";
constexpr uint64_t kBitStride = 997;      // a prime, so that all bits of a byte and all bytes of a word have their turn
constexpr uint64_t kFlipsPerSection = 5;  // a flip takes a read of the whole segment

// Verifies one disk again and again with one bit of one file changed.
class BitFlips {
 public:
  BitFlips(const Files& files, const SampleTrail& sample, const std::string& path)
      : disk_(disk_with(files)),
        options_(options_for(*disk_, sample)),
        content_(files.at(path)),
        file_(disk_->open(os::join(kTrailDirectory, path), os::Mode::kReadWrite).value()) {}

  Report report_with(uint64_t bit) {
    const auto changed = static_cast<uint8_t>(content_[bit / 8] ^ (1U << (bit % 8)));
    put(bit / 8, changed);
    Report report = verify(options_).value();
    put(bit / 8, content_[bit / 8]);
    return report;
  }
  [[nodiscard]] uint64_t bits() const { return content_.size() * 8; }

 private:
  void put(uint64_t at, uint8_t byte) { ASSERT_TRUE(file_->write_at(at, {&byte, 1}).has_value()); }

  std::unique_ptr<os::MemoryFileSystem> disk_;
  VerifyOptions options_;
  Bytes content_;
  std::unique_ptr<os::File> file_;
};

Files without_index() {
  Files files = one_segment_sample().files;
  files.erase("index/000000000-000000001.index");
  return files;
}

TEST(VerifyDamage, names_every_section_in_which_a_bit_changed) {
  const Files files = without_index();
  BitFlips flips(files, one_segment_sample(), kSegment);
  const SegmentHead head = read_segment_head(files.at(kSegment)).value();
  for (const SectionPlace& place : head.sections) {
    if (place.length == 0) continue;
    const std::string where = fmt::format("{}, section \"{}\"", kSegment, to_string(place.id));
    const uint64_t bits = place.length * 8;
    for (uint64_t i = 0; i <= kFlipsPerSection; ++i) {
      const uint64_t bit = place.offset * 8 + i * (bits - 1) / kFlipsPerSection;
      const Report report = flips.report_with(bit);
      ASSERT_TRUE(names(report, where)) << "bit " << bit << "\n" << to_text(report);
    }
  }
}

TEST(VerifyDamage, names_a_segment_in_whose_head_a_bit_changed) {
  const Files files = without_index();
  BitFlips flips(files, one_segment_sample(), kSegment);
  const uint64_t head_bits = read_segment_head(files.at(kSegment)).value().sections.front().offset * 8;
  for (uint64_t bit = 0; bit < head_bits; bit += 53) {
    const Report report = flips.report_with(bit);
    ASSERT_TRUE(names(report, std::string(kSegment) + ", head")) << "bit " << bit << "\n" << to_text(report);
  }
}

TEST(VerifyDamage, names_a_tail_in_which_a_bit_changed) {
  Files files = small_sample().files;
  const uint64_t end = read_tail(files[kTail]).value().end;
  files[kTail].resize(end + 4096);
  BitFlips flips(files, small_sample(), kTail);
  for (uint64_t bit = 0; bit < end * 8; bit += kBitStride) {
    const Report report = flips.report_with(bit);
    ASSERT_FALSE(report.ok) << "bit " << bit;
    // The last batch cannot be told from one that was never acknowledged, but for the checkpoint.
    ASSERT_TRUE(names(report, kTail) || names(report, "checkpoint")) << "bit " << bit << "\n" << to_text(report);
  }
  for (uint64_t bit = end * 8; bit < flips.bits(); bit += kBitStride) {
    ASSERT_GT(flips.report_with(bit).unacknowledged_bytes, 0U) << "bit " << bit;
  }
}

TEST(VerifyDamage, names_the_heads_and_the_padding_of_batches) {
  Files files = small_sample().files;
  files[kTail].resize(read_tail(files[kTail]).value().end);
  BitFlips flips(files, small_sample(), kTail);
  uint64_t at = kTailHeadBytes;
  while (at < files[kTail].size()) {
    const auto length = load_le<uint64_t>(files[kTail].data() + at + 16);
    const uint64_t end = at + kBatchHeadBytes + padded(length);
    for (uint64_t bit = at * 8; bit < (at + kBatchHeadBytes) * 8; bit += 7) {
      ASSERT_FALSE(flips.report_with(bit).ok) << "bit " << bit;
    }
    for (uint64_t bit = (at + kBatchHeadBytes + length) * 8; bit < end * 8; ++bit) {
      ASSERT_FALSE(flips.report_with(bit).ok) << "bit " << bit;
    }
    at = end;
  }
  EXPECT_EQ(at, files[kTail].size());
}

TEST(VerifyDamage, names_the_checkpoint_whichever_bit_of_it_changed) {
  Files files = small_sample().files;
  files[kTail].resize(read_tail(files[kTail]).value().end);
  BitFlips flips(files, small_sample(), "checkpoint");
  for (uint64_t bit = 0; bit < flips.bits(); ++bit) {
    const Report report = flips.report_with(bit);
    ASSERT_TRUE(names(report, "checkpoint")) << "bit " << bit << "\n" << to_text(report);
  }
}

TEST(VerifyDamage, names_every_damaged_section_and_goes_on_with_the_other_segments) {
  Files files = large_sample().files;
  Bytes& first = files[kSegment];
  const SegmentHead head = read_segment_head(first).value();
  for (const Section section : {Section::kCase, Section::kActorCode, Section::kItemSubject}) {
    const SectionPlace& place = *std::ranges::find(head.sections, section, &SectionPlace::id);
    first[place.offset + place.length / 2] ^= 4U;
  }
  files["segments/000000001.segment"].back() ^= 1U;
  const Report report = verify_files(files, large_sample());
  for (const char* where :
       {"000000000.segment, section \"case\"", "000000000.segment, section \"actor code\"",
        "000000000.segment, section \"subject in a list\"", "000000001.segment, section \"tile hashes\""}) {
    EXPECT_TRUE(names(report, where)) << where << "\n" << to_text(report);
  }
  EXPECT_EQ(report.problems.size(), 4U) << to_text(report);
}

TEST(VerifyDamage, shows_that_all_else_is_as_signed_when_one_segment_is_damaged) {
  Files files = large_sample().files;
  files[kSegment].back() ^= 1U;
  const Report report = verify_files(files, large_sample());
  ASSERT_EQ(report.notes.size(), 3U) << to_text(report);
  EXPECT_EQ(report.notes[0].where, "checkpoint");
  EXPECT_TRUE(report.notes[0].what.contains("all other entries are as they were signed"));
  EXPECT_EQ(report.root, Hash{});
}

// Damage must not be a cover for what is hidden in an index over it.
TEST(VerifyDamage, says_which_indexes_are_not_examined_when_a_segment_is_damaged) {
  Files files = large_sample().files;
  files[kSegment].back() ^= 1U;
  const std::string text = to_text(verify_files(files, large_sample()));
  EXPECT_TRUE(text.contains("note: index/000000000-000000001.index: indexes over the entries 0 to 65535 are not"))
      << text;
  EXPECT_TRUE(text.contains("note: index: indexes over the entries 0 to 131071 are not examined")) << text;
}

TEST(VerifyDamage, names_an_index_in_which_a_bit_changed) {
  const std::string path = "index/000000000-000000001.index";
  BitFlips flips(one_segment_sample().files, one_segment_sample(), path);
  const Bytes& file = one_segment_sample().files.at(path);
  constexpr uint64_t kFlipsPerPart = 3;
  for (size_t part = 0; part <= kIndexParts; ++part) {
    const uint64_t begin = part == 0 ? 0 : part_begin(file, static_cast<IndexPart>(part - 1)) * 8;
    const uint64_t end = (part == kIndexParts ? file.size() : part_begin(file, static_cast<IndexPart>(part))) * 8;
    for (uint64_t i = 0; i <= kFlipsPerPart; ++i) {
      const uint64_t bit = begin + i * (end - begin - 1) / kFlipsPerPart;
      const Report report = flips.report_with(bit);
      ASSERT_TRUE(names(report, path)) << "bit " << bit << "\n" << to_text(report);
    }
  }
}

}  // namespace
}  // namespace weerbaar::trail

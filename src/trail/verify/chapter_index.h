// A chapter file, read by the verifier: which segments hold which keys. docs/formats/chapter.md. Searches look only
// where a chapter sends them, so an omission in it hides entries.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace weerbaar::trail {

inline constexpr uint64_t kChapterSegmentsMax = 256;

// Immutable, and safe to read from several threads.
class ChapterIndex {
 public:
  // `file` must outlive it. kCorrupt unless both checksums are right, the keys ascend, each has segments of this
  // chapter in ascending order, and the filter is exactly that of the keys.
  static Result<ChapterIndex> open(ByteView file);

  [[nodiscard]] uint64_t first_segment() const { return first_segment_; }
  [[nodiscard]] uint64_t segments() const { return segments_; }
  // True when the chapter covers the segment with this number.
  [[nodiscard]] bool covers(uint64_t segment) const {
    return segment >= first_segment_ && segment - first_segment_ < segments_;
  }

  // For a segment that is covered. How many of `keys`, ascending and distinct, the chapter does not list for it.
  [[nodiscard]] uint64_t count_omitted(std::span<const uint64_t> keys, uint64_t segment) const;
  // How many keys it lists for it.
  [[nodiscard]] uint64_t count_listed(uint64_t segment) const { return listed_[segment - first_segment_]; }

 private:
  [[nodiscard]] uint64_t key(uint64_t i) const { return load_le<uint64_t>(keys_.data() + i * sizeof(uint64_t)); }
  [[nodiscard]] uint32_t first(uint64_t i) const { return load_le<uint32_t>(firsts_.data() + i * sizeof(uint32_t)); }
  // The first key from `from` on that is not below `wanted`.
  [[nodiscard]] uint64_t lower_bound(uint64_t from, uint64_t wanted) const;
  Status check_members();
  [[nodiscard]] Status check_filter() const;

  uint64_t first_segment_ = 0;
  uint64_t segments_ = 0;
  uint64_t count_ = 0;  // keys
  ByteView filter_;
  ByteView keys_;     // u64 each
  ByteView firsts_;   // u32 each, one more than keys: where its members begin
  ByteView members_;  // u8 each: segment within the chapter
  std::array<uint64_t, kChapterSegmentsMax> listed_{};
};

}  // namespace weerbaar::trail

#include "trail/verify/chapter_index.h"

#include <xxhash.h>

#include <algorithm>

#include "trail/format/filter.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kMagic = 0x3152504148434257;  // "WBCHAPR1"
constexpr size_t kHeadBytes = 64;
constexpr size_t kHeadChecksumAt = 56;

std::unexpected<Error> corrupt(const char* what) {
  return fail(Code::kCorrupt, what);
}

}  // namespace

Result<ChapterIndex> ChapterIndex::open(ByteView file) {
  if (file.size() < kHeadBytes || load_le<uint64_t>(file.data()) != kMagic) return corrupt("the file is not a chapter");
  const auto field = [file](size_t i) { return load_le<uint64_t>(file.data() + i * sizeof(uint64_t)); };
  if (field(7) != XXH3_64bits(file.data(), kHeadChecksumAt)) {
    return corrupt("the head of the chapter is damaged: its checksum is wrong");
  }
  ChapterIndex chapter;
  chapter.first_segment_ = field(1);
  chapter.segments_ = field(2);
  chapter.count_ = field(3);
  const uint64_t filter_size = field(4);
  const uint64_t members = field(5);
  const ByteView body = file.subspan(kHeadBytes);
  if (chapter.segments_ == 0 || chapter.segments_ > kChapterSegmentsMax) {
    return corrupt("the chapter covers an impossible number of segments");
  }
  // No sum below overflows: each term is bounded by the size of the file first.
  if (filter_size > body.size() || chapter.count_ > body.size() || members > body.size() || members > UINT32_MAX ||
      filter_size + chapter.count_ * 8 + (chapter.count_ + 1) * 4 + members != body.size()) {
    return corrupt("the chapter has another size than its head says");
  }
  if (field(6) != XXH3_64bits(body.data(), body.size())) {
    return corrupt("the chapter is damaged: its checksum is wrong");
  }
  chapter.filter_ = body.first(filter_size);
  chapter.keys_ = body.subspan(filter_size, chapter.count_ * 8);
  chapter.firsts_ = body.subspan(filter_size + chapter.count_ * 8, (chapter.count_ + 1) * 4);
  chapter.members_ = body.last(members);
  WEERBAAR_TRY(chapter.check_members());
  WEERBAAR_TRY(chapter.check_filter());
  return chapter;
}

Status ChapterIndex::check_members() {
  if (first(0) != 0 || first(count_) != members_.size()) return corrupt("the runs of the chapter do not cover it");
  for (uint64_t i = 0; i < count_; ++i) {
    if (i > 0 && key(i) <= key(i - 1)) return corrupt("the keys of the chapter do not ascend");
    const uint64_t begin = first(i);
    const uint64_t end = first(i + 1);
    if (begin >= end || end > members_.size()) return corrupt("a key of the chapter has no segments");
    for (uint64_t m = begin; m < end; ++m) {
      if (members_[m] >= segments_) return corrupt("a key of the chapter leads outside its segments");
      if (m > begin && members_[m] <= members_[m - 1]) return corrupt("the segments of a key do not ascend");
      ++listed_[members_[m]];
    }
  }
  return {};
}

Status ChapterIndex::check_filter() const {
  Bytes filter(filter_bytes(count_));
  for (uint64_t i = 0; i < count_; ++i) filter_insert(filter, key(i));
  if (!std::ranges::equal(filter, filter_)) return corrupt("the filter of the chapter is not that of its keys");
  return {};
}

// Gallops, because one segment asks for its keys in ascending order and they lie close to each other.
uint64_t ChapterIndex::lower_bound(uint64_t from, uint64_t wanted) const {
  uint64_t low = from;  // all before it are below `wanted`
  uint64_t step = 1;
  while (low < count_ && step <= count_ - low && key(low + step - 1) < wanted) {
    low += step;
    step *= 2;
  }
  uint64_t high = std::min(count_, low + step);
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (key(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint64_t ChapterIndex::count_omitted(std::span<const uint64_t> keys, uint64_t segment) const {
  const auto member = static_cast<uint8_t>(segment - first_segment_);
  uint64_t omitted = 0;
  uint64_t at = 0;
  for (const uint64_t wanted : keys) {
    at = lower_bound(at, wanted);
    if (at == count_ || key(at) != wanted) {
      ++omitted;
      continue;
    }
    const ByteView members = members_.subspan(first(at), first(at + 1) - first(at));
    if (!std::ranges::binary_search(members, member)) ++omitted;
  }
  return omitted;
}

}  // namespace weerbaar::trail

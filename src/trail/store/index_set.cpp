#include "trail/store/index_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "trail/store/index_writer.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kScratchSuffix = ".new";
constexpr std::string_view kSuffix = ".index";
constexpr uint64_t kSegmentsMax = uint64_t{1} << 48U;

uint64_t filters_in(const IndexTiling& tiling) {
  uint64_t bytes = 0;
  for (const auto& index : tiling.files) bytes += index->file.filter_bytes();
  return bytes;
}

}  // namespace

SegmentRange range_of(const OpenIndex& index) {
  return {index.file.first_index() / kSegmentEntries, index.file.end() / kSegmentEntries};
}

std::string index_name(SegmentRange range) {
  return fmt::format("{:09}-{:09}{}", range.begin, range.end, kSuffix);
}

SegmentRange parse_index_name(std::string_view name) {
  SegmentRange range;
  const char* const end = name.data() + name.size();
  const auto begin_read = std::from_chars(name.data(), name.data() + name.size(), range.begin);
  if (begin_read.ec != std::errc() || begin_read.ptr == end) return {};
  if (std::from_chars(begin_read.ptr + 1, end, range.end).ec != std::errc()) return {};
  if (range.begin >= range.end || range.end > kSegmentsMax || index_name(range) != name) return {};
  return range;
}

Result<std::shared_ptr<const OpenIndex>> OpenIndex::of(Bytes bytes) {
  WEERBAAR_ASSIGN(IndexFile file, IndexFile::open(bytes));
  return std::make_shared<const OpenIndex>(nullptr, std::move(bytes), std::move(file));
}

IndexSet::IndexSet(os::FileSystem& files, std::string directory, uint64_t merge_width, OpenSegment open_segment)
    : files_(files),
      directory_(std::move(directory)),
      merge_width_(merge_width),
      open_segment_(std::move(open_segment)),
      tiling_(std::make_shared<const IndexTiling>()) {}

Result<std::unique_ptr<IndexSet>> IndexSet::open(os::FileSystem& files, std::string directory, uint64_t merge_width,
                                                 uint64_t segments, OpenSegment open_segment, bool writable) {
  WEERBAAR_CHECK(merge_width > 1);
  std::unique_ptr<IndexSet> set(new IndexSet(files, std::move(directory), merge_width, std::move(open_segment)));
  if (writable) {
    WEERBAAR_TRY(files.make_directory(set->directory_));
    WEERBAAR_TRY(set->clean(false));
  }
  set->adopt(segments);
  // A process that appends may have merged what we were about to open.
  constexpr int kAgain = 3;
  for (int i = 0; i < kAgain && !writable && !set->tiling_->bare.empty(); ++i) set->adopt(segments);
  if (!writable) return set;
  // A full disk, or a damaged segment, leaves the trail slow to search, and whole.
  if (set->make_missing(segments)) set->adopt(segments);
  WEERBAAR_TRY(set->clean(true));
  return set;
}

// Removes what was cut off; with `all`, also the files that the set does not use.
Status IndexSet::clean(bool all) {
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files_.list(directory_));
  std::vector<std::string> used;
  for (const auto& index : tiling_->files) used.push_back(index_name(range_of(*index)));
  for (const std::string& name : names) {
    const bool superseded = all && parse_index_name(name).size() > 0 && std::ranges::find(used, name) == used.end();
    if (name.ends_with(kScratchSuffix) || superseded) WEERBAAR_TRY(files_.remove(os::join(directory_, name)));
  }
  return {};
}

// The largest files first.
std::vector<SegmentRange> IndexSet::wanted(uint64_t segments) const {
  std::vector<SegmentRange> ranges;
  uint64_t size = 1;
  for (unsigned level = 0; level < kLevels; ++level) size *= merge_width_;
  uint64_t begin = 0;
  for (; size > 0; size /= merge_width_) {
    for (; segments - begin >= size; begin += size) ranges.push_back({begin, begin + size});
    if (size == 1) break;
  }
  return ranges;
}

std::vector<SegmentRange> IndexSet::parts(SegmentRange range) const {
  const uint64_t size = range.size() / merge_width_;
  std::vector<SegmentRange> parts;
  for (uint64_t begin = range.begin; begin < range.end; begin += size) parts.push_back({begin, begin + size});
  return parts;
}

Result<std::shared_ptr<OpenIndex>> IndexSet::open_file(SegmentRange range) const {
  auto mapping = files_.map(path(range));
  if (!mapping) return std::unexpected(mapping.error());
  auto file = IndexFile::open((*mapping)->bytes());
  if (!file) return fail_in(path(range), file.error());
  if (file->first_index() != range.begin * kSegmentEntries || file->end() != range.end * kSegmentEntries) {
    return fail(Code::kCorrupt, path(range) + ": the index covers other entries: it was exchanged or renamed");
  }
  return std::make_shared<OpenIndex>(std::move(*mapping), Bytes(), std::move(*file));
}

// Puts what covers the range into `tiling`: one file, or else the files of its parts.
void IndexSet::cover(SegmentRange range, const IndexTiling& known, IndexTiling& tiling) const {
  const auto same = std::ranges::find_if(known.files, [&](const auto& index) { return range_of(*index) == range; });
  if (same != known.files.end()) {
    tiling.files.push_back(*same);
    return;
  }
  if (files_.exists(path(range))) {
    if (const auto opened = open_file(range)) {
      OpenIndex& index = **opened;
      if (filters_in(tiling) + index.file.filter_bytes() <= kFilterBytesMax) index.file.copy_filter();
      index.mapping->expect_scattered_reads();
      tiling.files.push_back(*opened);
      return;
    }
  }
  if (range.size() == 1) {
    if (!tiling.bare.empty() && tiling.bare.back().end == range.begin) {
      tiling.bare.back().end = range.end;
    } else {
      tiling.bare.push_back(range);
    }
    return;
  }
  for (const SegmentRange part : parts(range)) cover(part, known, tiling);
}

void IndexSet::adopt(uint64_t segments) {
  const std::shared_ptr<const IndexTiling> known = tiling();
  auto next = std::make_shared<IndexTiling>();
  for (const SegmentRange range : wanted(segments)) cover(range, *known, *next);
  const std::lock_guard lock(mutex_);
  tiling_ = std::move(next);
}

std::shared_ptr<const IndexTiling> IndexSet::tiling() const {
  const std::lock_guard lock(mutex_);
  return tiling_;
}

// True when anything was; what cannot be made is left.
bool IndexSet::make_missing(uint64_t segments) {
  bool made = false;
  for (const SegmentRange range : wanted(segments)) {
    const bool is_there =
        std::ranges::any_of(tiling_->files, [&](const auto& index) { return range_of(*index) == range; });
    if (is_there) continue;
    [[maybe_unused]] const Status status = make(range);
    made = true;
  }
  return made;
}

Status IndexSet::make_segment(uint64_t number) {
  WEERBAAR_ASSIGN(const auto segment, open_segment_(number));
  WEERBAAR_ASSIGN(const Bytes content, index_of(*segment));
  return os::write_file_atomically(files_, path({number, number + 1}), content);
}

// From the files of its parts, of which those that are missing or damaged are made first. A damaged segment leaves the
// others with an index of their own.
Status IndexSet::make(SegmentRange range) {
  if (range.size() == 1) return make_segment(range.begin);
  Status damaged;
  for (const SegmentRange part : parts(range)) {
    if (open_file(part)) continue;
    Status made = make(part);
    if (!made && made.error().code != Code::kCorrupt) return made;
    if (!made) damaged = std::move(made);
  }
  return damaged ? merge_or_make(range) : damaged;
}

Status IndexSet::merge(SegmentRange range) {
  std::vector<std::shared_ptr<const OpenIndex>> opened;
  std::vector<const IndexFile*> files;
  for (const SegmentRange part : parts(range)) {
    WEERBAAR_ASSIGN(opened.emplace_back(), open_file(part));
    files.push_back(&opened.back()->file);
  }
  return merge_indexes(files_, path(range), files);
}

// When a part turns out to be missing or damaged within, all of them are made again.
Status IndexSet::merge_or_make(SegmentRange range) {
  Status merged = merge(range);
  if (merged || (merged.error().code != Code::kCorrupt && merged.error().code != Code::kNotFound)) return merged;
  for (const SegmentRange part : parts(range)) WEERBAAR_TRY(make(part));
  return merge(range);
}

Status IndexSet::write(uint64_t number, const Segment& segment) {
  WEERBAAR_ASSIGN(const Bytes content, index_of(segment));
  WEERBAAR_TRY(os::write_file_atomically(files_, path({number, number + 1}), content));
  uint64_t size = 1;
  for (unsigned level = 0; level < kLevels; ++level) {
    size *= merge_width_;
    if ((number + 1) % size != 0) break;
    const SegmentRange range{number + 1 - size, number + 1};
    WEERBAAR_TRY(merge_or_make(range));
    for (const SegmentRange part : parts(range)) {
      if (const Status removed = files_.remove(path(part)); !removed && removed.error().code != Code::kNotFound) {
        return removed;
      }
    }
  }
  return {};
}

}  // namespace weerbaar::trail

// The index files of a trail: at any time they tile its sealed segments, in files of 1, 16 or 256, as the digits of a
// number count in base 16. Derived from the segments: what is missing or damaged is made again.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/file_system.h"
#include "trail/format/index_file.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

// Files of one size that are merged into one of the next.
inline constexpr uint64_t kIndexMergeWidth = 16;

// A run of segments [begin, end).
struct SegmentRange {
  uint64_t begin = 0;
  uint64_t end = 0;

  [[nodiscard]] uint64_t size() const { return end - begin; }
  auto operator<=>(const SegmentRange&) const = default;
};

// "000000000-000000016.index".
std::string index_name(SegmentRange range);
// The exact reverse; an empty range for any other name.
SegmentRange parse_index_name(std::string_view name);

// An index at hand, with the memory that it looks into.
struct OpenIndex {
  std::unique_ptr<os::Mapping> mapping;  // or
  Bytes bytes;
  IndexFile file;

  static Result<std::shared_ptr<const OpenIndex>> of(Bytes bytes);
};

// The segments that a file covers.
SegmentRange range_of(const OpenIndex& index);

// What a search reads: immutable.
struct IndexTiling {
  std::vector<std::shared_ptr<const OpenIndex>> files;  // in order
  std::vector<SegmentRange> bare;                       // segments that no file covers, in order
};

// Thread-safe, but for write(): one thread at a time.
class IndexSet {
 public:
  // Filters are kept in memory up to this size in all; beyond, they are read where they lie.
  static constexpr uint64_t kFilterBytesMax = uint64_t{64} << 20U;
  // No file covers more than the merge width to this power.
  static constexpr unsigned kLevels = 2;

  // Gives a segment with index_sections() open, which may not be in the set of segments yet.
  using OpenSegment = std::function<Result<std::shared_ptr<const Segment>>(uint64_t number)>;

  // Opens what is there for `segments` sealed segments. When `writable`: what is missing or damaged is made again, what
  // is superseded or was cut off is removed. What cannot be made stays bare, and searches ask those segments. `files`
  // must outlive it. `merge_width` is at least 2.
  static Result<std::unique_ptr<IndexSet>> open(os::FileSystem& files, std::string directory, uint64_t merge_width,
                                                uint64_t segments, OpenSegment open_segment, bool writable);

  // Writes the index of the next sealed segment, merges what is complete with it, and removes what is merged; atomic
  // and durable. The set shows it after adopt().
  Status write(uint64_t number, const Segment& segment);
  // Takes the files for so many segments into the set.
  void adopt(uint64_t segments);

  [[nodiscard]] std::shared_ptr<const IndexTiling> tiling() const;

 private:
  IndexSet(os::FileSystem& files, std::string directory, uint64_t merge_width, OpenSegment open_segment);
  [[nodiscard]] std::string path(SegmentRange range) const { return os::join(directory_, index_name(range)); }
  [[nodiscard]] std::vector<SegmentRange> wanted(uint64_t segments) const;
  // The ranges that are merged into this one.
  [[nodiscard]] std::vector<SegmentRange> parts(SegmentRange range) const;
  Result<std::shared_ptr<OpenIndex>> open_file(SegmentRange range) const;
  void cover(SegmentRange range, const IndexTiling& known, IndexTiling& tiling) const;
  bool make_missing(uint64_t segments);
  Status make(SegmentRange range);
  Status make_segment(uint64_t number);
  Status merge(SegmentRange range);
  Status merge_or_make(SegmentRange range);
  Status clean(bool all);

  os::FileSystem& files_;
  const std::string directory_;
  const uint64_t merge_width_;
  const OpenSegment open_segment_;
  mutable std::mutex mutex_;
  std::shared_ptr<const IndexTiling> tiling_;
};

}  // namespace weerbaar::trail

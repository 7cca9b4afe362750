// The sealed segments of a trail and their index, as files: found, mapped, and opened when somebody looks inside.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "os/file_system.h"
#include "trail/format/segment.h"
#include "trail/store/index_set.h"

namespace weerbaar::trail {

// "000000003.segment".
std::string segment_name(uint64_t number);

// Thread-safe.
class SealedSegments {
 public:
  // Opened segments kept at hand; each takes a few megabytes.
  static constexpr size_t kCacheMax = 48;

  // Reads the heads of all segments. kCorrupt when one is missing between others, or damaged in its head. When
  // `writable`, files of a sealing that was cut off are removed, and indexes that are missing or damaged made again.
  // `files` must outlive it; `index_merge_width` as for IndexSet.
  static Result<std::unique_ptr<SealedSegments>> open(os::FileSystem& files, std::string directory,
                                                      uint64_t index_merge_width, bool writable);

  [[nodiscard]] uint64_t count() const;
  // Who and what occurs where in those segments.
  [[nodiscard]] std::shared_ptr<const IndexTiling> indexes() const { return indexes_->tiling(); }
  [[nodiscard]] SegmentHeader header(uint64_t number) const;
  // An open segment, from the cache or the disk. kCorrupt names the file and what is damaged in it.
  Result<std::shared_ptr<const Segment>> segment(uint64_t number) const;

  // The same for some of its sections, not kept at hand: for scans over all segments.
  Result<std::shared_ptr<const Segment>> columns(uint64_t number, std::span<const Section> sections) const;

  // A segment file with its head, for who reads sections of it once: mapped as long as this lives.
  struct Sealed {
    std::unique_ptr<os::Mapping> mapping;
    SegmentHead head;
  };
  [[nodiscard]] std::shared_ptr<const Sealed> mapped(uint64_t number) const;
  [[nodiscard]] std::string path(uint64_t number) const;

  // Writes the next segment file, atomically.
  Status write(uint64_t number, ByteView content);
  // Writes the index of the next segment that has none, and merges those that are to be merged. One thread may do this
  // while another writes later segments.
  Status write_index(uint64_t number, const Segment& segment);
  // Takes the files of the next segment into the set.
  Status adopt(uint64_t number);

 private:
  struct Held;
  struct Opened {
    std::shared_ptr<const Segment> segment;
    std::list<uint64_t>::iterator recent;
  };

  SealedSegments(os::FileSystem& files, std::string directory);
  Result<Sealed> map(uint64_t number) const;
  Status load(bool writable);
  Status remove_chapters();
  static Result<std::shared_ptr<const Segment>> open_segment(std::shared_ptr<const Sealed> sealed);
  // From the disk, whether it was adopted or not.
  Result<std::shared_ptr<const Segment>> open_for_index(uint64_t number) const;
  [[nodiscard]] std::string segments_directory() const { return os::join(directory_, "segments"); }

  os::FileSystem& files_;
  const std::string directory_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Sealed>> sealed_;
  std::unique_ptr<IndexSet> indexes_;
  mutable std::list<uint64_t> recent_;  // latest first
  mutable std::unordered_map<uint64_t, Opened> opened_;
};

}  // namespace weerbaar::trail

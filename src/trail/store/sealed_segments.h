// The sealed segments of a trail and their chapters, as files: found, mapped, and opened when somebody looks inside.
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
#include "trail/store/chapter.h"

namespace weerbaar::trail {

// "000000003.segment", "000000.chapter".
std::string segment_name(uint64_t number);
std::string chapter_name(uint64_t number);

// Thread-safe.
class SealedSegments {
 public:
  // Opened segments kept at hand; each takes a few megabytes.
  static constexpr size_t kCacheMax = 48;

  // Reads the heads of all segments. kCorrupt when one is missing between others, or damaged in its head. When
  // `writable`, files of a sealing that was cut off are removed, and chapters that are missing or damaged made again.
  // `files` must outlive it.
  static Result<std::unique_ptr<SealedSegments>> open(os::FileSystem& files, std::string directory,
                                                      uint64_t chapter_segments, bool writable);

  [[nodiscard]] uint64_t count() const;
  // Chapters at hand; a search asks the filters of later segments one by one.
  [[nodiscard]] uint64_t chapters() const;
  [[nodiscard]] SegmentHeader header(uint64_t number) const;
  // An open segment, from the cache or the disk. kCorrupt names the file and what is damaged in it.
  Result<std::shared_ptr<const Segment>> segment(uint64_t number) const;

  // Writes the next segment file, atomically, and its chapter when it completes one.
  Status write(uint64_t number, ByteView content);
  // Takes the file that write() made into the set.
  Status adopt(uint64_t number);

  // Numbers of the segments that may hold a key, ascending.
  [[nodiscard]] std::vector<uint64_t> find(uint64_t hash) const;

 private:
  struct Sealed {
    std::unique_ptr<os::Mapping> mapping;
    SegmentHead head;
    ByteView filter;
  };
  struct Opened {
    std::shared_ptr<const Segment> segment;
    std::list<uint64_t>::iterator recent;
  };

  SealedSegments(os::FileSystem& files, std::string directory, uint64_t chapter_segments);
  Result<Sealed> map(uint64_t number) const;
  Status load(bool writable);
  void load_chapters(bool writable);
  [[nodiscard]] Result<std::shared_ptr<const Chapter>> open_chapter(uint64_t chapter) const;
  static Result<std::shared_ptr<const Segment>> open_segment(std::shared_ptr<const Sealed> sealed);
  Status write_chapter(uint64_t chapter) const;
  [[nodiscard]] std::string segments_directory() const { return os::join(directory_, "segments"); }
  [[nodiscard]] std::string chapters_directory() const { return os::join(directory_, "chapters"); }

  os::FileSystem& files_;
  const std::string directory_;
  const uint64_t chapter_segments_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Sealed>> sealed_;
  std::vector<std::shared_ptr<const Chapter>> chapters_;  // from segment 0 on, without a gap
  mutable std::list<uint64_t> recent_;                    // latest first
  mutable std::unordered_map<uint64_t, Opened> opened_;
};

}  // namespace weerbaar::trail

// A chapter: the merged index of a run of segments, so that a search asks one filter instead of 256. Derived from the
// segments: it may be deleted, and is made again. It says where to look, never what is there: a search confirms in the
// segment.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/file_system.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

inline constexpr uint64_t kChapterSegments = 256;  // 16.7 million entries

class Chapter {
 public:
  using OpenSegment = std::function<Result<std::shared_ptr<const Segment>>(uint64_t number)>;

  // Makes the file of the chapter that covers `segments` (1 to 256) segments from number `first_segment` on. `open`
  // gives each in turn, so that one at a time is in memory; its errors come back. Atomic.
  static Status write(os::FileSystem& files, const std::string& path, uint64_t first_segment, uint64_t segments,
                      const OpenSegment& open);
  // The same over segments that are open.
  static Status write(os::FileSystem& files, const std::string& path, uint64_t first_segment,
                      const std::vector<const Segment*>& segments);
  // kCorrupt when it is not a whole chapter: delete it and write() it again.
  static Result<Chapter> open(os::FileSystem& files, const std::string& path);

  [[nodiscard]] uint64_t first_segment() const { return first_segment_; }
  [[nodiscard]] uint64_t segments() const { return segments_; }
  // Numbers of the segments that may hold this key (subject_hash or actor_hash), ascending.
  void find(uint64_t hash, std::vector<uint64_t>& segments) const;

 private:
  std::unique_ptr<os::Mapping> mapping_;
  uint64_t first_segment_ = 0;
  uint64_t segments_ = 0;
  uint64_t keys_ = 0;
  ByteView filter_;
  ByteView hashes_;   // keys_ × u64, ascending
  ByteView firsts_;   // keys_ + 1 × u32: where the segments of a key begin
  ByteView members_;  // u8 each: segment within the chapter
};

}  // namespace weerbaar::trail

// One segment file: that it is whole, that its columns give the entries whose root it states, and that everything in it
// that a search follows can be derived from those entries again.
#pragma once

#include "base/bytes.h"
#include "trail/verify/chapter_index.h"
#include "trail/verify/part.h"

namespace weerbaar::trail {

// A chapter that covers the segment, and where it is stored.
struct CoveringChapter {
  const ChapterIndex* index = nullptr;
  std::string path;
};

// Reads the segment of part.number into `part`: everything but number, sealed and signed_at is filled in. `chapters`
// are asked for each key of the segment.
void check_segment(ByteView file, std::span<const CoveringChapter> chapters, Part& part);

}  // namespace weerbaar::trail

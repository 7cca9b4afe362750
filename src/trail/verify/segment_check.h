// One segment file: that it is whole, that its columns give the entries whose root it states, and say themselves
// exactly what those entries say.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "trail/verify/part.h"
#include "trail/verify/segment_index.h"

namespace weerbaar::trail {

// Reads the segment of part.number into `part`: everything but number, sealed and signed_at is filled in. Gives what an
// index over it must say when `indexed`; null when it is too damaged for that.
std::unique_ptr<const SegmentIndex> check_segment(ByteView file, Part& part, bool indexed = true);

}  // namespace weerbaar::trail

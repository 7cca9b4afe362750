// One tail file: that its batches are whole and in order, and hold canonical entries.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "trail/verify/part.h"
#include "trail/verify/segment_index.h"

namespace weerbaar::trail {

// Reads the tail of part.number into `part`: everything but number, sealed and signed_at is filled in. Gives what an
// index over it must say when `indexed`, and it is not too damaged for that; else null.
std::unique_ptr<const SegmentIndex> check_tail(ByteView file, Part& part, bool indexed = false);

}  // namespace weerbaar::trail

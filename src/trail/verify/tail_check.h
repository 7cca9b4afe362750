// One tail file: that its batches are whole and in order, and hold canonical entries.
#pragma once

#include "base/bytes.h"
#include "trail/verify/part.h"

namespace weerbaar::trail {

// Reads the tail of part.number into `part`: everything but number, sealed and signed_at is filled in.
void check_tail(ByteView file, Part& part);

}  // namespace weerbaar::trail

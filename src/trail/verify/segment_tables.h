// The tables of a segment: what its rows point to.
#pragma once

#include "trail/format/segment.h"
#include "trail/verify/part.h"

namespace weerbaar::trail {

// Every table is in strictly ascending order, as a search, and an index made from it, takes for granted; and every row
// of it belongs to an entry, for what belongs to none is not under the root. Nothing of it needs a proven entry.
void check_tables(const Segment& segment, Part& part);

}  // namespace weerbaar::trail

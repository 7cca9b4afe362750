// The tables and indexes of a segment, against the entries.
#pragma once

#include <cstdint>
#include <vector>

#include "trail/format/segment.h"
#include "trail/verify/part.h"

namespace weerbaar::trail {

// Recomputes from the columns what searches follow: tables in strictly ascending order with no row unused, so that each
// value is found where a search looks; postings; filter. Returns the keys of subjects and actors, ascending and
// distinct.
std::vector<uint64_t> check_indexes(const Segment& segment, Part& part);

}  // namespace weerbaar::trail

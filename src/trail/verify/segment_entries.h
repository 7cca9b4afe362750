// The entries of a segment, regenerated from its columns and hashed.
#pragma once

#include <string>

#include "trail/format/segment.h"
#include "trail/verify/part.h"

namespace weerbaar::trail {

// "segments/000000003.segment, section \"case\"".
std::string section_path(const Part& part, Section section);

// Regenerates every entry; each must be canonical and say exactly what the columns say, so that a search, which reads
// columns, shows what was hashed. Fills in the roots of `part`, and compares them with those in the segment: what
// differs is named by tiles of 256 entries.
void check_entries(const Segment& segment, Part& part);

}  // namespace weerbaar::trail

// What the trail tells of silence of the sources and of records that are missing (domain/source_notice.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trail/store/trail.h"

namespace weerbaar::report {

struct SourceGaps {
  uint64_t missing_records = 0;  // found missing, and not there at the end of the trail
  uint64_t silent_seconds = 0;
};

struct GapChoice {
  Time from;
  Time to;                      // not included
  uint64_t size = 0;            // of the trail: what stands behind is not looked at
  std::string_view own_source;  // which tells of the others
  // Sources that may be silent without a word since before `from`: the trail is searched backwards for each.
  std::set<std::string, std::less<>> quiet;
};

// Of each source of which something was told between the two moments, and of those of `quiet` that are silent. Looked
// up by index, so that it costs what Weerbaar itself did since `from`, and never what the sources delivered; kDenied
// without keys, kCorrupt of what is damaged.
Result<std::map<std::string, SourceGaps>> gaps_of(const trail::Trail& trail, const GapChoice& choice);

}  // namespace weerbaar::report

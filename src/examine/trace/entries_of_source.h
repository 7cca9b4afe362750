// The entries of one source, by which a trace leaves out what this program recorded of its own use.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"

namespace weerbaar::trace {

// Ascending; of segments that the range touches all of them. Of a segment that holds none the table of sources is read
// and nothing else.
Result<std::vector<EntryIndex>> entries_of_source(const trail::Trail& trail, const trail::TimeRange& range,
                                                  std::string_view source);

}  // namespace weerbaar::trace

// Some of the persons whom a trail names, drawn as by lot: what is ordinary is learnt from them.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "trail/privacy/period.h"
#include "trail/store/search.h"
#include "trail/store/trail.h"

namespace weerbaar::trace {

struct SampledPerson {
  trail::Period period;  // by whose pseudonym the person was drawn
  trail::OfSubject identity;
};

// At most `count` persons of these types, in the order of their lots, whom accesses in the quarters of the range name:
// those whose pseudonym has the smallest hash, so that the same trail gives the same ones. A person has a pseudonym,
// and so a lot, in each quarter: who wants everybody to have the same chance keeps those drawn by the quarter of their
// first access. Reads the keys of the indexes for those quarters, and of segments without an index all rows. Quarters
// whose key was destroyed give nobody. kDenied when the trail was opened without keys.
Result<std::vector<SampledPerson>> sample_persons(const trail::Trail& trail, const trail::TimeRange& range,
                                                  std::span<const SubjectType> types, size_t count);

}  // namespace weerbaar::trace

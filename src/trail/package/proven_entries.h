// Entries with what proves each of them: that it stands in the tree of the last signed checkpoint.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "trail/format/sha256.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

struct ProvenEntry {
  Bytes bytes;              // canonical
  std::vector<Hash> proof;  // trail/format/merkle.h; it was found to hold
};

// In the order of `indexes`, which ascend and are below the size of the checkpoint. Opens each segment once and makes
// the leaves of each 256 entries once, with all processors. kCorrupt when a proof does not hold: run verify. Other
// errors of Trail::entry() and Trail::range_root(), with the entry in front.
Result<std::vector<ProvenEntry>> prove_entries(const Trail& trail, std::span<const EntryIndex> indexes);

}  // namespace weerbaar::trail

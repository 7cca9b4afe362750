// Where the maker of an answer gets the proofs that it is complete: the indexes whose roots stand in the trail.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "trail/format/index_tree.h"

namespace weerbaar::trail {

// The index over the entries [first, end), whose root stands in the record.
struct CommittedRange {
  uint64_t first = 0;
  uint64_t end = 0;
  EntryIndex record;
};

struct KeyProof {
  IndexProof proof;
  Bytes postings;  // in their hashed form; empty when the key is absent
};

class CompletenessSource {
 public:
  virtual ~CompletenessSource() = default;

  // Ranges that follow each other from entry 0 on without gaps; nothing when no index was committed. What lies behind
  // them goes into the package in full, so commit the open tail first.
  virtual Result<std::vector<CommittedRange>> ranges() = 0;
  // About a key in one of these ranges.
  virtual Result<KeyProof> prove(const CommittedRange& range, ByteView key) = 0;
};

}  // namespace weerbaar::trail

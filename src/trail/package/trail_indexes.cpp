#include "trail/package/trail_indexes.h"

#include <algorithm>

#include "base/check.h"

namespace weerbaar::trail {

Result<TrailIndexes> TrailIndexes::open(Trail& trail) {
  WEERBAAR_ASSIGN(std::vector<CommittedIndex> indexes, trail.committed_indexes(trail.checkpoint().size));
  return TrailIndexes(std::move(indexes));
}

Result<std::vector<CommittedRange>> TrailIndexes::ranges() {
  std::vector<CommittedRange> ranges;
  ranges.reserve(indexes_.size());
  for (const CommittedIndex& index : indexes_) {
    ranges.push_back({index.commitment.first, index.commitment.end, index.record});
  }
  return ranges;
}

Result<KeyProof> TrailIndexes::prove(const CommittedRange& range, ByteView key) {
  const auto found = std::ranges::find(indexes_, range.record, &CommittedIndex::record);
  WEERBAAR_CHECK(found != indexes_.end());
  KeyProof proof;
  WEERBAAR_ASSIGN(proof.proof, found->prove(key, proof.postings));
  return proof;
}

}  // namespace weerbaar::trail

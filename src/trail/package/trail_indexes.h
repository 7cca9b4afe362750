// The indexes of a trail, as a source of proofs that an answer is complete.
#pragma once

#include <vector>

#include "trail/package/completeness_source.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

// Not thread-safe.
class TrailIndexes : public CompletenessSource {
 public:
  // Those whose records stand below the last signed checkpoint: call commit_tail_index() and sign() before. Errors of
  // Trail::committed_indexes(). It keeps them as they are: the trail may go on, or be closed, meanwhile.
  static Result<TrailIndexes> open(Trail& trail);

  Result<std::vector<CommittedRange>> ranges() override;
  Result<KeyProof> prove(const CommittedRange& range, ByteView key) override;

 private:
  explicit TrailIndexes(std::vector<CommittedIndex> indexes) : indexes_(std::move(indexes)) {}

  std::vector<CommittedIndex> indexes_;
};

}  // namespace weerbaar::trail

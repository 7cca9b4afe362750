// Indexes made in memory by reading every entry: slow, and obviously right.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "trail/package/completeness_source.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

// Not thread-safe.
class MemoryIndexes : public CompletenessSource {
 public:
  // Appends the root of an index over [0, ends[0]), [ends[0], ends[1]) …; the last is over all that is there when its
  // turn has come, also over the roots of those before it. Sign the trail afterwards. Errors of the trail.
  static Result<std::unique_ptr<MemoryIndexes>> commit(Trail& trail, std::span<const uint64_t> ends = {});

  Result<std::vector<CommittedRange>> ranges() override;
  Result<KeyProof> prove(const CommittedRange& range, ByteView key) override;

 private:
  // Of each key, its postings in their hashed form.
  using Index = std::map<Bytes, Bytes>;
  struct Committed {
    CommittedRange range;
    Index index;
    std::vector<Hash> leaves;
  };

  Status commit(Trail& trail, uint64_t first, uint64_t end);

  std::vector<Committed> indexes_;
};

}  // namespace weerbaar::trail

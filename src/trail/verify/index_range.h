// An index over a run of parts, recomputed: its root, and whether an index file says exactly that.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "trail/format/index_file.h"
#include "trail/format/index_tree.h"
#include "trail/verify/problem_list.h"
#include "trail/verify/segment_index.h"

namespace weerbaar::trail {

class IndexRange {
 public:
  // Over the entries up to, not including, `end`, of parts that follow each other; `end` lies in the last of them.
  // `parts` must outlive it.
  IndexRange(std::vector<const SegmentIndex*> parts, uint64_t end);

  // What a record that commits this index must say.
  [[nodiscard]] IndexCommitment commitment() const;
  // The same, and compares the file with it: every key, every posting with its time and actor, the order, the fences,
  // the filter, the hashes, the periods. Each kind of problem is told once or a few times, at `path`. `file` may be
  // anybody's bytes.
  IndexCommitment compare(const IndexFile& file, const std::string& path, ProblemList& problems) const;

 private:
  class Comparison;

  [[nodiscard]] std::vector<uint16_t> periods() const;
  // For each part, the rank of each of its actors among those of the range.
  [[nodiscard]] std::vector<std::vector<uint32_t>> actor_ranks() const;
  [[nodiscard]] IndexCommitment commitment_of(uint64_t keys, const Hash& root) const;

  std::vector<const SegmentIndex*> parts_;
  uint64_t end_;
};

// What records must say that commit indexes over the beginnings of one part, up to each of `ends`, which ascend: as
// IndexRange, but what did not change from one to the next is not hashed again.
std::vector<IndexCommitment> prefix_commitments(const SegmentIndex& part, std::span<const uint64_t> ends);

}  // namespace weerbaar::trail

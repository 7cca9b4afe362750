// The records in which a trail commits the roots of its indexes.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "base/bytes.h"
#include "trail/format/index_tree.h"
#include "trail/verify/problem_list.h"

namespace weerbaar::trail {

struct CommittedRoot {
  uint64_t entry = 0;  // the record
  IndexCommitment commitment;
};

// What they may take of memory. A record says a few hundred bytes; hostile ones say 65,535, and columns compress them.
inline constexpr uint64_t kCommitmentBytesMax = uint64_t{1} << 30U;

// add() from any thread.
class CommitmentSet {
 public:
  explicit CommitmentSet(uint64_t bytes_max = kCommitmentBytesMax) : bytes_max_(bytes_max) {}

  // Takes `bytes`, the entry at `index`, when it is a record that commits an index; false for anything else. A record
  // whose body says no commitment, or one of entries that came after it, is a problem; one that there is no room for
  // too.
  bool add(uint64_t index, ByteView bytes);

  // Ascending by their entries. No add() afterwards.
  [[nodiscard]] std::vector<CommittedRoot> take();
  [[nodiscard]] ProblemList take_problems() { return std::move(problems_); }

 private:
  const uint64_t bytes_max_;
  std::mutex mutex_;
  uint64_t bytes_ = 0;
  std::vector<CommittedRoot> roots_;
  ProblemList problems_;
};

}  // namespace weerbaar::trail

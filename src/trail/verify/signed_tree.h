// The tree over the parts of a trail, and whether it is the one that somebody signed.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/strong.h"
#include "trail/format/checkpoint.h"
#include "trail/verify/part.h"

namespace weerbaar::trail {

// A verified checkpoint that the trail must agree with.
struct Statement {
  std::string where;      // "checkpoint" …
  std::string otherwise;  // what it means that the trail has another tree
  Checkpoint checkpoint;
};

// Immutable. `parts`, ascending by number, must outlive it.
class SignedTree {
 public:
  explicit SignedTree(std::span<const Part> parts) : parts_(parts) {}

  // Up to the last entry of the last part.
  [[nodiscard]] uint64_t size() const { return parts_.empty() ? 0 : parts_.back().end(); }
  // Over the first `size` entries; nothing when some are missing, or too damaged. Sizes other than size() must be among
  // the signed_at of their part.
  [[nodiscard]] std::optional<Hash> root(uint64_t size) const { return root(size, Basis::kRecomputed); }

  // Compares the tree with a statement.
  void check(const Statement& statement, ProblemList& problems, ProblemList& notes) const;

 private:
  enum class Basis { kRecomputed, kStatedBySegments };
  [[nodiscard]] std::optional<Hash> root(uint64_t size, Basis basis) const;

  std::span<const Part> parts_;
};

// Files that are missing between the parts, and what the parts say of each other.
void check_sequence(std::span<const Part> parts, ProblemList& problems);

}  // namespace weerbaar::trail

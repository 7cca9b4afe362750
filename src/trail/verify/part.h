// The trail in parts of 65,536 entries: each a segment, or the tail that will become one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trail/format/segment.h"
#include "trail/format/sha256.h"
#include "trail/verify/problem_list.h"

namespace weerbaar::trail {

// The root over the first `entries` of a part.
struct PrefixRoot {
  uint64_t entries = 0;
  Hash root{};
};

// One part, and what was found in it.
struct Part {
  uint64_t number = 0;  // its first entry is number * kSegmentEntries
  bool sealed = false;
  // Sizes, each below kSegmentEntries, at which somebody signed: what the prefixes are wanted for.
  std::vector<uint64_t> signed_at;

  uint64_t entries = 0;
  std::optional<Hash> root;    // over its entries, recomputed; nothing when it is damaged
  std::optional<Hash> stated;  // the root that the head of a segment states
  std::vector<PrefixRoot> prefixes;
  uint64_t signed_size = 0;  // the largest tree size that was signed before it was written, as it states
  uint64_t torn_bytes = 0;
  uint64_t commitments = 0;  // records among its entries that commit an index
  ProblemList problems;
  ProblemList notes;

  [[nodiscard]] uint64_t first_index() const { return number * kSegmentEntries; }
  [[nodiscard]] uint64_t end() const { return first_index() + entries; }
  // Where it is stored, below the directory of the trail.
  [[nodiscard]] std::string path() const;
};

// The roots at which somebody signed, of a part whose entries were all read: `leaves` are their hashes.
void take_prefixes(std::span<const Hash> leaves, Part& part);
// The same, and that over all.
void take_roots(std::span<const Hash> leaves, Part& part);
// That what an index over it must say takes more memory than kSegmentIndexBytesMax.
void add_index_too_large(Part& part);

}  // namespace weerbaar::trail

#include "trail/verify/part.h"

#include <fmt/format.h>

#include "trail/format/merkle.h"
#include "trail/verify/inventory.h"
#include "trail/verify/segment_index.h"

namespace weerbaar::trail {

std::string Part::path() const {
  return sealed ? segment_path(number) : tail_path(number);
}

void take_prefixes(std::span<const Hash> leaves, Part& part) {
  for (const uint64_t entries : part.signed_at) {
    if (entries <= leaves.size()) part.prefixes.push_back({entries, tree_root(leaves.first(entries))});
  }
}

void take_roots(std::span<const Hash> leaves, Part& part) {
  take_prefixes(leaves, part);
  part.root = tree_root(leaves);
}

void add_index_too_large(Part& part) {
  part.problems.add(part.path(), fmt::format("an index over its entries takes more than {} MiB of memory: those that "
                                             "cover it are not examined",
                                             kSegmentIndexBytesMax >> 20U));
}

}  // namespace weerbaar::trail

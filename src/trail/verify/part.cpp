#include "trail/verify/part.h"

#include "trail/format/merkle.h"
#include "trail/verify/inventory.h"

namespace weerbaar::trail {

std::string Part::path() const {
  return sealed ? segment_path(number) : tail_path(number);
}

void take_roots(std::span<const Hash> leaves, Part& part) {
  part.root = tree_root(leaves);
  for (const uint64_t entries : part.signed_at) {
    if (entries <= leaves.size()) part.prefixes.push_back({entries, tree_root(leaves.first(entries))});
  }
}

}  // namespace weerbaar::trail

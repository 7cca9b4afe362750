// The Merkle tree of a log: roots, and proofs made and checked (RFC 6962 section 2.1, RFC 9162 section 2.1). Leaves and
// nodes are hashes already; MTH(D[a:b]) is the root over the leaves from a up to, not including, b.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

// The longest proofs in a tree of 64-bit size, in hashes.
inline constexpr size_t kInclusionHashesMax = 64;
inline constexpr size_t kConsistencyHashesMax = 65;

// MTH over the leaf hashes; SHA-256 of nothing for the empty tree.
Hash tree_root(std::span<const Hash> leaves);

// From the nodes of one level of a tree, over its leaves or above them, to those of the next.
void fold_level(std::vector<Hash>& level);

// Checks that `leaf` stands at `index` in the tree of `size` leaves with this root. kInvalid when the index is outside
// the tree or the number of hashes cannot be right; kCorrupt when the proof leads to another root.
Status verify_inclusion(EntryIndex index, TreeSize size, const Hash& leaf, std::span<const Hash> proof,
                        const Hash& root);

// Checks that the tree of `new_size` leaves begins with the tree of `old_size` leaves. kInvalid when the old tree is
// empty (RFC 9162 defines no proof for it: every tree begins with it) or larger, or the number of hashes cannot be
// right; kCorrupt when the proof leads to another old or new root.
Status verify_consistency(TreeSize old_size, TreeSize new_size, const Hash& old_root, const Hash& new_root,
                          std::span<const Hash> proof);

// Gives MTH(D[begin:end]). Asked only for ranges of the tree, begin < end, that are subtrees of it: begin is a multiple
// of the smallest power of two that is at least end - begin.
using RangeRoot = std::function<Result<Hash>(uint64_t begin, uint64_t end)>;

// The proofs that the functions above check, from the leaf to the root. kInvalid when the index is outside the tree or
// the old tree is empty or larger; errors of `range_root` come back with the range in front.
Result<std::vector<Hash>> inclusion_proof(EntryIndex index, TreeSize size, const RangeRoot& range_root);
Result<std::vector<Hash>> consistency_proof(TreeSize old_size, TreeSize new_size, const RangeRoot& range_root);

}  // namespace weerbaar::trail

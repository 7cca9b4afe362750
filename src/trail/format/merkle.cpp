#include "trail/format/merkle.h"

#include <fmt/format.h>

#include <bit>
#include <ranges>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

struct Range {
  uint64_t begin;
  uint64_t end;
};

// Where the root of a range of at least two leaves parts it: after the largest power of two below its length.
uint64_t middle_of(Range range) {
  return range.begin + std::bit_floor(range.end - range.begin - 1);
}

// The way from a leaf to the root as RFC 9162 walks it: `node` is the number of the node at the present level, `last`
// that of the last node there.
class Climb {
 public:
  Climb(uint64_t node, uint64_t last) : node_(node), last_(last) {}

  [[nodiscard]] bool at_root() const { return last_ == 0; }
  // True when the next sibling stands left of the node. Not at the root.
  [[nodiscard]] bool sibling_is_left() const { return (node_ & 1U) != 0 || node_ == last_; }
  // To the parent; a last node without sibling is its own parent, so that it rises until it has one. Not at the root.
  void rise() {
    if (sibling_is_left()) skip(std::countr_zero(node_));
    skip(1);
  }
  // To the level where the subtree that ends with this node is complete.
  void skip_complete() { skip(std::countr_one(node_)); }

 private:
  void skip(int levels) {
    node_ >>= levels;
    last_ >>= levels;
  }

  uint64_t node_;
  uint64_t last_;
};

std::unexpected<Error> wrong_length(size_t hashes) {
  return fail(Code::kInvalid,
              fmt::format("a proof of {} hashes is too long or too short for these tree sizes", hashes));
}

Result<std::vector<Hash>> roots_of(const std::vector<Range>& ranges_from_root, const RangeRoot& range_root) {
  std::vector<Hash> proof;
  proof.reserve(ranges_from_root.size());
  for (const Range range : std::views::reverse(ranges_from_root)) {
    auto hash = range_root(range.begin, range.end);
    if (!hash) return fail_in(fmt::format("root of entries {} to {}", range.begin, range.end - 1), hash.error());
    proof.push_back(*hash);
  }
  return proof;
}

Status check_sizes(TreeSize old_size, TreeSize new_size) {
  if (old_size.value() == 0) return fail(Code::kInvalid, "there is no consistency proof from an empty tree");
  if (old_size > new_size) {
    return fail(Code::kInvalid,
                fmt::format("the old tree of {} leaves is larger than the new one of {}; are they exchanged?",
                            old_size.value(), new_size.value()));
  }
  return {};
}

Status check_index(EntryIndex index, TreeSize size) {
  if (index < size) return {};
  return fail(Code::kInvalid, fmt::format("index {} is outside a tree of {} leaves", index.value(), size.value()));
}

}  // namespace

// Pairing neighbours and letting an odd last one rise gives the same tree as parting at powers of two from the top.
void fold_level(std::vector<Hash>& level) {
  const size_t parents = level.size() / 2;
  const bool is_odd = level.size() % 2 != 0;
  node_hashes(std::span(level).first(2 * parents), std::span(level).first(parents));
  if (is_odd) level[parents] = level.back();
  level.resize(parents + (is_odd ? 1 : 0));
}

Hash tree_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256({});
  std::vector<Hash> level(leaves.begin(), leaves.end());
  while (level.size() > 1) fold_level(level);
  return level.front();
}

Status verify_inclusion(EntryIndex index, TreeSize size, const Hash& leaf, std::span<const Hash> proof,
                        const Hash& root) {
  WEERBAAR_TRY(check_index(index, size));
  Climb climb(index.value(), size.value() - 1);
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (climb.at_root()) return wrong_length(proof.size());
    hash = climb.sibling_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
    climb.rise();
  }
  if (!climb.at_root()) return wrong_length(proof.size());
  if (hash != root) return fail(Code::kCorrupt, "the inclusion proof leads to another root than that of the tree");
  return {};
}

Status verify_consistency(TreeSize old_size, TreeSize new_size, const Hash& old_root, const Hash& new_root,
                          std::span<const Hash> proof) {
  WEERBAAR_TRY(check_sizes(old_size, new_size));
  if (old_size == new_size) {
    if (!proof.empty()) return wrong_length(proof.size());
    if (old_root != new_root) return fail(Code::kCorrupt, "two trees of the same size have different roots");
    return {};
  }
  if (proof.empty()) return wrong_length(proof.size());
  Climb climb(old_size.value() - 1, new_size.value() - 1);
  climb.skip_complete();
  // An old tree that is complete is itself the subtree to start from, and the proof leaves it out.
  const bool is_complete = std::has_single_bit(old_size.value());
  Hash old_hash = is_complete ? old_root : proof.front();
  Hash new_hash = old_hash;
  for (const Hash& sibling : is_complete ? proof : proof.subspan(1)) {
    if (climb.at_root()) return wrong_length(proof.size());
    if (climb.sibling_is_left()) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    climb.rise();
  }
  if (!climb.at_root()) return wrong_length(proof.size());
  if (old_hash != old_root) return fail(Code::kCorrupt, "the consistency proof leads to another old root");
  if (new_hash != new_root) return fail(Code::kCorrupt, "the consistency proof leads to another new root");
  return {};
}

Result<std::vector<Hash>> inclusion_proof(EntryIndex index, TreeSize size, const RangeRoot& range_root) {
  WEERBAAR_TRY(check_index(index, size));
  std::vector<Range> siblings;
  Range range{0, size.value()};
  while (range.end - range.begin > 1) {
    const uint64_t middle = middle_of(range);
    if (index.value() < middle) {
      siblings.push_back({middle, range.end});
      range.end = middle;
    } else {
      siblings.push_back({range.begin, middle});
      range.begin = middle;
    }
  }
  return roots_of(siblings, range_root);
}

Result<std::vector<Hash>> consistency_proof(TreeSize old_size, TreeSize new_size, const RangeRoot& range_root) {
  WEERBAAR_TRY(check_sizes(old_size, new_size));
  std::vector<Range> siblings;
  Range range{0, new_size.value()};  // the smallest subtree seen that holds the last leaf of the old tree and the next
  while (range.end != old_size.value()) {
    const uint64_t middle = middle_of(range);
    if (old_size.value() <= middle) {
      siblings.push_back({middle, range.end});
      range.end = middle;
    } else {
      siblings.push_back({range.begin, middle});
      range.begin = middle;
    }
  }
  // The verifier knows the root of the old tree; of another range that ends where it ends it must be told.
  if (range.begin != 0) siblings.push_back(range);
  return roots_of(siblings, range_root);
}

}  // namespace weerbaar::trail

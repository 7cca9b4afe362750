// For tests only: an index in memory, and proofs about it made the slow and obvious way.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "trail/format/index_key.h"
#include "trail/format/index_tree.h"
#include "trail/format/merkle.h"

namespace weerbaar::trail {

// Of each key, its postings in their hashed form.
using SampleIndex = std::map<Bytes, Bytes>;

struct SampleLeaf {
  Bytes key;
  Hash postings_hash{};
};

// The leaves of an index, and proofs over them; any list of leaves, also one that no index can have.
class SampleIndexTree {
 public:
  explicit SampleIndexTree(std::vector<SampleLeaf> leaves) : leaves_(std::move(leaves)) {
    for (const SampleLeaf& leaf : leaves_) hashes_.push_back(index_leaf_hash(leaf.key, leaf.postings_hash));
  }
  explicit SampleIndexTree(const SampleIndex& index) : SampleIndexTree(leaves_of(index)) {}

  [[nodiscard]] uint64_t keys() const { return leaves_.size(); }
  [[nodiscard]] Hash root() const { return tree_root(hashes_); }

  [[nodiscard]] IndexLeaf leaf(uint64_t position) const {
    const auto range_root = [&](uint64_t begin, uint64_t end) -> Result<Hash> {
      return tree_root(std::span(hashes_).subspan(begin, end - begin));
    };
    return {position, leaves_[position].key, leaves_[position].postings_hash,
            inclusion_proof(EntryIndex(position), TreeSize(keys()), range_root).value()};
  }

  // Of leaves in ascending order.
  [[nodiscard]] IndexProof prove(const Bytes& key) const {
    IndexProof proof;
    uint64_t place = 0;
    while (place < keys() && leaves_[place].key < key) ++place;
    if (place < keys() && leaves_[place].key == key) {
      proof.present = leaf(place);
      return proof;
    }
    if (place > 0) proof.before = leaf(place - 1);
    if (place < keys()) proof.behind = leaf(place);
    return proof;
  }

 private:
  static std::vector<SampleLeaf> leaves_of(const SampleIndex& index) {
    std::vector<SampleLeaf> leaves;
    for (const auto& [key, postings] : index) leaves.push_back({key, sha256(postings)});
    return leaves;
  }

  std::vector<SampleLeaf> leaves_;
  std::vector<Hash> hashes_;
};

}  // namespace weerbaar::trail

// The leaf hashes of a run of keys of an index (trail/format/index_tree.h), many at once: several times faster.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "trail/format/index_layout.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

// Keeps its memory for the next run. Not thread-safe.
class IndexLeaves {
 public:
  void add(ByteView key, std::span<const IndexPosting> postings);
  // The same with postings that the caller writes in their hashed form, `postings_bytes` of them, before the next call.
  uint8_t* add(ByteView key, size_t postings_bytes);
  // Keys added since the last hash().
  [[nodiscard]] size_t waiting() const { return leaf_begin_.size(); }

  // Hashes what was added since the last call: one hash a key, until the next call. With the hashes of their postings.
  std::span<const Hash> hash();
  [[nodiscard]] std::span<const Hash> postings_hashes() const { return postings_hashes_; }

 private:
  // Grown and never shrunk: what is used of them is counted apart.
  Bytes postings_;
  Bytes leaves_;
  size_t postings_used_ = 0;
  size_t leaves_used_ = 0;
  std::vector<size_t> postings_begin_;
  std::vector<size_t> leaf_begin_;
  std::vector<ByteView> messages_;
  std::vector<Hash> postings_hashes_;
  std::vector<Hash> hashes_;
};

}  // namespace weerbaar::trail

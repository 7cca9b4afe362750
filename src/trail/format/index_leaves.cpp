#include "trail/format/index_leaves.h"

#include <algorithm>

#include "trail/format/index_tree.h"

namespace weerbaar::trail {

namespace {

// Makes room for `bytes` more behind the `used` ones, and counts them as used. Returns where they begin.
uint8_t* take(Bytes& memory, size_t& used, size_t bytes) {
  const size_t begin = used;
  used += bytes;
  if (memory.size() < used) memory.resize(2 * used);
  return memory.data() + begin;
}

}  // namespace

uint8_t* IndexLeaves::add(ByteView key, size_t postings_bytes) {
  leaf_begin_.push_back(leaves_used_);
  uint8_t* const leaf = take(leaves_, leaves_used_, sizeof(uint16_t) + key.size() + sizeof(Hash));
  store_be(leaf, static_cast<uint16_t>(key.size()));
  std::ranges::copy(key, leaf + sizeof(uint16_t));
  postings_begin_.push_back(postings_used_);
  return take(postings_, postings_used_, postings_bytes);
}

void IndexLeaves::add(ByteView key, std::span<const IndexPosting> postings) {
  const bool is_subject = key[0] == static_cast<uint8_t>(KeyKind::kSubject);
  uint8_t* to = add(key, postings.size() * (is_subject ? kSubjectPostingBytes : kOtherPostingBytes));
  for (const IndexPosting& posting : postings) {
    to = is_subject ? write_subject_posting(posting.index, posting.time, to) : write_other_posting(posting.index, to);
  }
}

std::span<const Hash> IndexLeaves::hash() {
  const size_t keys = leaf_begin_.size();
  postings_begin_.push_back(postings_used_);
  leaf_begin_.push_back(leaves_used_);
  messages_.resize(keys);
  postings_hashes_.resize(keys);
  hashes_.resize(keys);
  for (size_t i = 0; i < keys; ++i) {
    messages_[i] = ByteView(postings_).subspan(postings_begin_[i], postings_begin_[i + 1] - postings_begin_[i]);
  }
  sha256_all(messages_, postings_hashes_);
  for (size_t i = 0; i < keys; ++i) {
    std::ranges::copy(postings_hashes_[i], leaves_.begin() + static_cast<long>(leaf_begin_[i + 1] - sizeof(Hash)));
    messages_[i] = ByteView(leaves_).subspan(leaf_begin_[i], leaf_begin_[i + 1] - leaf_begin_[i]);
  }
  leaf_hashes(messages_, hashes_);
  postings_used_ = 0;
  leaves_used_ = 0;
  postings_begin_.clear();
  leaf_begin_.clear();
  return hashes_;
}

}  // namespace weerbaar::trail

#include "trail/format/index_leaves.h"

#include <algorithm>

#include "trail/format/index_tree.h"

namespace weerbaar::trail {

uint8_t* IndexLeaves::add(ByteView key, size_t postings_bytes) {
  const size_t leaf = leaves_.size();
  leaf_begin_.push_back(leaf);
  leaves_.resize(leaf + sizeof(uint16_t) + key.size() + sizeof(Hash));
  store_be(leaves_.data() + leaf, static_cast<uint16_t>(key.size()));
  std::copy(key.begin(), key.end(), leaves_.data() + leaf + sizeof(uint16_t));
  const size_t begin = postings_.size();
  postings_begin_.push_back(begin);
  postings_.resize(begin + postings_bytes);
  return postings_.data() + begin;
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
  postings_begin_.push_back(postings_.size());
  leaf_begin_.push_back(leaves_.size());
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
  postings_.clear();
  leaves_.clear();
  postings_begin_.clear();
  leaf_begin_.clear();
  return hashes_;
}

}  // namespace weerbaar::trail

#include "trail/format/index_leaves.h"

#include <algorithm>

#include "trail/format/index_tree.h"

namespace weerbaar::trail {

void IndexLeaves::add(ByteView key, std::span<const IndexPosting> postings) {
  leaf_begin_.push_back(leaves_.size());
  const size_t leaf = leaves_.size();
  leaves_.resize(leaf + sizeof(uint16_t) + key.size() + sizeof(Hash));
  store_be(leaves_.data() + leaf, static_cast<uint16_t>(key.size()));
  std::copy(key.begin(), key.end(), leaves_.data() + leaf + sizeof(uint16_t));

  postings_begin_.push_back(postings_.size());
  const bool is_subject = key[0] == static_cast<uint8_t>(KeyKind::kSubject);
  const size_t begin = postings_.size();
  postings_.resize(begin + postings.size() * (is_subject ? kSubjectPostingBytes : kOtherPostingBytes));
  uint8_t* to = postings_.data() + begin;
  for (const IndexPosting& posting : postings) {
    store_be(to, posting.index);
    to += 8;
    if (!is_subject) continue;
    store_be(to, static_cast<uint64_t>(posting.time.micros));
    store_be(to + 8, posting.time.nanos);
    to += 10;
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

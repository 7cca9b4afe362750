#include "trail/verify/key_merge.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace weerbaar::trail {

KeyMerge::KeyMerge(std::span<const SegmentIndex* const> parts, uint64_t end, Keys keys)
    : parts_(parts), entries_of_last_(end - parts.back()->first_index()), heads_(parts.size()), losers_(parts.size()) {
  WEERBAAR_CHECK(!parts.empty() && end > parts.back()->first_index());
  ends_.reserve(parts.size());
  for (uint32_t part = 0; part < parts.size(); ++part) {
    const SegmentIndex& index = *parts[part];
    heads_[part].key = static_cast<uint32_t>(keys == Keys::kAll ? 0 : index.actors_begin());
    ends_.push_back(static_cast<uint32_t>(keys == Keys::kAll ? index.keys() : index.actors_end()));
    settle(part);
  }
  winner_ = play(1);
}

// Nearly always two numbers decide, whose order nobody can foretell: they are compared without branches.
inline bool KeyMerge::comes_first(uint32_t a, uint32_t b) const {
  const Head& left = heads_[a];
  const Head& right = heads_[b];
  const bool is_high_equal = left.prefix.high == right.prefix.high;
  const bool is_tie = is_high_equal & (left.prefix.low == right.prefix.low);
  if (is_tie || left.ended || right.ended) return comes_first_in_full(a, b);
  return (left.prefix.high < right.prefix.high) | (is_high_equal & (left.prefix.low < right.prefix.low));
}

bool KeyMerge::comes_first_in_full(uint32_t a, uint32_t b) const {
  const Head& left = heads_[a];
  const Head& right = heads_[b];
  if (left.ended || right.ended) return right.ended && (!left.ended || a < b);
  if (left.prefix != right.prefix) return left.prefix < right.prefix;
  const ByteView left_key = parts_[a]->key(left.key);
  const ByteView right_key = parts_[b]->key(right.key);
  if (std::ranges::lexicographical_compare(left_key, right_key)) return true;
  return a < b && std::ranges::equal(left_key, right_key);
}

// Passes over keys that occur behind the end only.
void KeyMerge::settle(uint32_t part) {
  Head& head = heads_[part];
  const SegmentIndex& index = *parts_[part];
  const uint64_t entries = entries_of(part);
  if (entries < index.entries()) {
    while (head.key < ends_[part] && index.postings(head.key).rows.front() >= entries) ++head.key;
  }
  head.ended = head.key >= ends_[part];
  if (head.ended) return;
  head.prefix = index.prefix(head.key);
  index.prefetch(head.key);
}

// The parts are the leaves, from node parts_.size() on.
uint32_t KeyMerge::play(uint32_t node) {
  const auto parts = static_cast<uint32_t>(parts_.size());
  if (node >= parts) return node - parts;
  uint32_t winner = play(2 * node);
  uint32_t loser = play(2 * node + 1);
  if (comes_first(loser, winner)) std::swap(winner, loser);
  losers_[node] = loser;
  return winner;
}

void KeyMerge::advance(uint32_t part) {
  ++heads_[part].key;
  settle(part);
  uint32_t winner = part;
  for (auto node = (static_cast<uint32_t>(parts_.size()) + part) / 2; node > 0; node /= 2) {
    const uint32_t loser = losers_[node];
    const bool is_beaten = comes_first(loser, winner);
    losers_[node] = is_beaten ? winner : loser;
    winner = is_beaten ? loser : winner;
  }
  winner_ = winner;
}

bool KeyMerge::is_at_key(uint32_t part) const {
  const Head& head = heads_[part];
  return !head.ended && head.prefix == prefix_ && std::ranges::equal(parts_[part]->key(head.key), key_);
}

bool KeyMerge::next() {
  sources_.clear();
  if (heads_[winner_].ended) return false;
  key_ = parts_[winner_]->key(heads_[winner_].key);
  prefix_ = heads_[winner_].prefix;
  do {
    sources_.push_back({winner_, heads_[winner_].key});
    advance(winner_);
  } while (is_at_key(winner_));
  return true;
}

}  // namespace weerbaar::trail

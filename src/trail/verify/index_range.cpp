#include "trail/verify/index_range.h"

#include <algorithm>
#include <bit>
#include <set>

#include "base/check.h"
#include "trail/format/filter.h"
#include "trail/format/index_layout.h"
#include "trail/format/index_leaves.h"
#include "trail/format/merkle.h"
#include "trail/verify/key_merge.h"

namespace weerbaar::trail {
namespace {

// Keys hashed at a time.
constexpr size_t kLeavesAtOnce = 1'024;

// The leaves of the tree over the index of a run of parts.
class Leaves {
 public:
  explicit Leaves(std::span<const SegmentIndex* const> parts) : parts_(parts) {
    size_t keys_max = 0;
    for (const SegmentIndex* part : parts) keys_max += part->keys();
    hashes_.reserve(keys_max);
  }

  // The key at which the merge stands.
  void add(const KeyMerge& merge) {
    const auto sources = merge.sources();
    if (sources.size() == 1 && merge.is_whole(sources[0])) {
      hashes_.push_back(parts_[sources[0].part]->leaves()[sources[0].key]);
      return;
    }
    size_t bytes = 0;
    for (const KeyMerge::Source& source : sources) bytes += SegmentIndex::hashed_bytes(merge.postings(source));
    uint8_t* to = pending_.add(merge.key(), bytes);
    for (const KeyMerge::Source& source : sources) {
      to = parts_[source.part]->write_hashed(merge.postings(source), to);
    }
    places_.push_back(hashes_.size());
    hashes_.emplace_back();
    if (places_.size() == kLeavesAtOnce) flush();
  }
  // No add() afterwards.
  std::vector<Hash> take() {
    flush();
    return std::move(hashes_);
  }

 private:
  void flush() {
    const auto hashes = pending_.hash();
    for (size_t i = 0; i < places_.size(); ++i) hashes_[places_[i]] = hashes[i];
    places_.clear();
  }

  std::span<const SegmentIndex* const> parts_;
  IndexLeaves pending_;
  std::vector<size_t> places_;  // of those that are pending
  std::vector<Hash> hashes_;
};

}  // namespace

IndexRange::IndexRange(std::vector<const SegmentIndex*> parts, uint64_t end) : parts_(std::move(parts)), end_(end) {
  WEERBAAR_CHECK(!parts_.empty() && end > parts_.back()->first_index());
}

std::vector<uint16_t> IndexRange::periods() const {
  std::set<uint16_t> all;
  for (const SegmentIndex* part : parts_) {
    for (const uint16_t period : part->periods(end_ - part->first_index())) all.insert(period);
  }
  return {all.begin(), all.end()};
}

std::vector<std::vector<uint32_t>> IndexRange::actor_ranks() const {
  std::vector<std::vector<uint32_t>> ranks;
  ranks.reserve(parts_.size());
  for (const SegmentIndex* part : parts_) ranks.emplace_back(part->actors_end() - part->actors_begin());
  KeyMerge actors(parts_, end_, KeyMerge::Keys::kActors);
  for (uint32_t rank = 0; actors.next(); ++rank) {
    for (const KeyMerge::Source& source : actors.sources()) {
      ranks[source.part][source.key - parts_[source.part]->actors_begin()] = rank;
    }
  }
  return ranks;
}

IndexCommitment IndexRange::commitment_of(uint64_t keys, const Hash& root) const {
  return {parts_.front()->first_index(), end_, keys, periods(), root};
}

IndexCommitment IndexRange::commitment() const {
  if (parts_.size() == 1 && end_ >= parts_[0]->end()) {
    return commitment_of(parts_[0]->keys(), tree_root(parts_[0]->leaves()));
  }
  Leaves leaves(parts_);
  KeyMerge merge(parts_, end_, KeyMerge::Keys::kAll);
  while (merge.next()) leaves.add(merge);
  const std::vector<Hash> all = leaves.take();
  return commitment_of(all.size(), tree_root(all));
}

namespace {

// The roots of the blocks of an index, then of each 64 of those, down to the first level of at most 64: as a file
// stores them.
using Levels = std::vector<std::vector<Hash>>;

Levels levels_over(std::vector<Hash> leaves) {
  static_assert(std::has_single_bit(kIndexBlockKeys));
  Levels levels;
  do {
    for (size_t keys = 1; keys < kIndexBlockKeys; keys *= 2) fold_level(leaves);
    levels.push_back(leaves);
  } while (leaves.size() > kIndexBlockKeys);
  return levels;
}

}  // namespace

// A file beside what it should be.
class IndexRange::Comparison {
 public:
  Comparison(const IndexRange& range, const IndexFile& file, const std::string& path, ProblemList& problems)
      : range_(range),
        file_(file),
        path_(path),
        problems_(problems),
        ranks_(range.actor_ranks()),
        cursor_(file),
        leaves_(range.parts_) {}

  IndexCommitment run() {
    KeyMerge merge(range_.parts_, range_.end_, KeyMerge::Keys::kAll);
    bool alike = true;  // so far: behind the first key that differs, all would, in ways that say nothing
    uint64_t keys = 0;
    for (; merge.next(); ++keys) {
      leaves_.add(merge);
      alike = alike && compare_key(merge, keys);
    }
    const Levels levels = levels_over(leaves_.take());
    const IndexCommitment recomputed = range_.commitment_of(keys, tree_root(levels.back()));
    if (alike && cursor_.next()) {
      problem("it lists somebody who does not occur in its entries");
    } else if (alike && !cursor_.status()) {
      problem(cursor_.status().error().text);
    } else if (alike) {
      check_hashes(levels);
      check_filter(keys);
    }
    if (file_.head().root != recomputed.root) problem("its root is not that of its entries");
    if (file_.commitment().periods != recomputed.periods) problem("it names other periods than its entries have");
    return recomputed;
  }

 private:
  void problem(std::string what) { problems_.add(path_, std::move(what) + ". Delete the file: it is made again"); }
  // Of a kind that may be met for many keys.
  void problem(std::string what, size_t& met) {
    if (++met <= kProblemsPerKindMax) problem(std::move(what));
  }

  // Every posting with its time and actor, and no other.
  [[nodiscard]] bool has_postings(const KeyMerge& merge, IndexPostings given) const {
    const bool is_subject = merge.kind() == KeyKind::kSubject;
    IndexPosting posting;
    for (const KeyMerge::Source& source : merge.sources()) {
      const SegmentIndex::Postings wanted = merge.postings(source);
      const uint64_t first = range_.parts_[source.part]->first_index();
      const std::vector<uint32_t>& ranks = ranks_[source.part];
      for (size_t i = 0; i < wanted.rows.size(); ++i) {
        if (!given.next(posting) || posting.index != first + wanted.rows[i]) return false;
        if (!is_subject) continue;
        if (posting.time != wanted.time(i) || posting.actor != ranks[wanted.actors[i]]) return false;
      }
    }
    return !given.next(posting) && given.status();
  }

  // False when the file says nothing that could be compared any more.
  bool compare_key(const KeyMerge& merge, uint64_t number) {
    const bool has_key = cursor_.next();
    if (!cursor_.status()) {
      problem(cursor_.status().error().text);
      return false;
    }
    if (!has_key || !std::ranges::equal(cursor_.key(), merge.key())) {
      problem(has_key && std::ranges::lexicographical_compare(cursor_.key(), merge.key())
                  ? "it lists somebody who does not occur in its entries"
                  : "it leaves somebody out: searches do not find the entries of one who occurs");
      return false;
    }
    hashes_of_keys_.push_back(key_hash(merge.key()));
    if (number % kIndexBlockKeys == 0 && file_.fence(number / kIndexBlockKeys) != merge.prefix()) {
      problem("its fences lead searches past a block", wrong_fences_);
    }
    if (!has_postings(merge, cursor_.postings())) {
      problem("it lists other entries for somebody than those in which they occur", wrong_postings_);
    }
    return true;
  }

  void check_hashes(const Levels& levels) {
    uint64_t number = 0;
    bool right = true;
    const std::vector<uint64_t> stored = index_root_levels(file_.head().blocks());
    for (size_t i = 0; i < stored.size(); ++i) {
      right = right && i < levels.size() && stored[i] == levels[i].size();
      for (size_t at = 0; right && at < stored[i]; ++at) right = file_.stored_root(number++) == levels[i][at];
    }
    if (!right) problem("the hashes over its blocks are not those of its entries: no proof can be made from it");
  }

  void check_filter(uint64_t keys) {
    Bytes filter(filter_bytes(keys));
    if (file_.filter_bytes() != filter.size()) {
      problem("its filter has another size than its keys need");
      return;
    }
    for (const uint64_t hash : hashes_of_keys_) filter_insert(filter, hash);
    if (!std::ranges::equal(filter, file_.filter())) {
      problem("its filter is not that of its keys: searches may pass it over");
    }
  }

  const IndexRange& range_;
  const IndexFile& file_;
  const std::string& path_;
  ProblemList& problems_;
  const std::vector<std::vector<uint32_t>> ranks_;
  IndexFile::Cursor cursor_;
  Leaves leaves_;
  std::vector<uint64_t> hashes_of_keys_;
  size_t wrong_fences_ = 0;
  size_t wrong_postings_ = 0;
};

IndexCommitment IndexRange::compare(const IndexFile& file, const std::string& path, ProblemList& problems) const {
  if (file.first_index() != parts_.front()->first_index() || file.end() != end_) {
    problems.add(path, "it covers other entries than its name says: it was exchanged or renamed");
    return commitment();
  }
  return Comparison(*this, file, path, problems).run();
}

std::vector<IndexCommitment> prefix_commitments(const SegmentIndex& part, std::span<const uint64_t> ends) {
  std::vector<IndexCommitment> commitments;
  std::vector<Hash> hashes(part.keys());
  std::vector<uint32_t> counts(part.keys(), 0);  // of postings that are in the hash of the key
  std::vector<Hash> leaves;
  std::vector<uint32_t> changed;
  IndexLeaves pending;
  const auto flush = [&] {
    const auto hashed = pending.hash();
    for (size_t i = 0; i < changed.size(); ++i) hashes[changed[i]] = hashed[i];
    changed.clear();
  };
  for (const uint64_t end : ends) {
    const uint64_t entries = end - part.first_index();
    for (uint32_t key = 0; key < part.keys(); ++key) {
      const SegmentIndex::Postings all = part.postings(key);
      // Nothing more before the end: the usual case by far, when the ends are near each other.
      if (counts[key] == all.rows.size() || all.rows[counts[key]] >= entries) continue;
      const SegmentIndex::Postings found = part.postings(key, entries);
      counts[key] = static_cast<uint32_t>(found.rows.size());
      part.write_hashed(found, pending.add(part.key(key), SegmentIndex::hashed_bytes(found)));
      changed.push_back(key);
      if (changed.size() == kLeavesAtOnce) flush();
    }
    flush();
    leaves.clear();
    for (uint32_t key = 0; key < part.keys(); ++key) {
      if (counts[key] > 0) leaves.push_back(hashes[key]);
    }
    commitments.push_back({part.first_index(), end, leaves.size(), part.periods(entries), tree_root(leaves)});
  }
  return commitments;
}

}  // namespace weerbaar::trail

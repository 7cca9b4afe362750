#include "trail/package/proven_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/parallel.h"
#include "trail/format/merkle.h"
#include "trail/store/tile_reader.h"

namespace weerbaar::trail {
namespace {

// Proofs of one tree have most of their hashes in common, and the trail computes each anew. Thread-safe.
class RememberedRoots {
 public:
  explicit RememberedRoots(const Trail& trail) : trail_(trail) {}

  Result<Hash> range_root(uint64_t begin, uint64_t end) {
    const std::lock_guard lock(mutex_);
    return remembered(begin, end);
  }

 private:
  Result<Hash> remembered(uint64_t begin, uint64_t end) {
    const auto known = roots_.find({begin, end});
    if (known != roots_.end()) return known->second;
    WEERBAAR_ASSIGN(const Hash root, compute(begin, end));
    roots_.emplace(std::pair(begin, end), root);
    return root;
  }
  // Within a segment the trail computes large ranges from many small ones: those are remembered too.
  Result<Hash> compute(uint64_t begin, uint64_t end) {
    if (end - begin <= kTileEntries || end - begin >= kSegmentEntries) return trail_.range_root(begin, end);
    const uint64_t middle = begin + std::bit_floor(end - begin - 1);
    WEERBAAR_ASSIGN(const Hash left, remembered(begin, middle));
    WEERBAAR_ASSIGN(const Hash right, remembered(middle, end));
    return node_hash(left, right);
  }

  const Trail& trail_;
  std::mutex mutex_;
  std::map<std::pair<uint64_t, uint64_t>, Hash> roots_;
};

// The 256 leaves of a tile, or the roots of 256 tiles, with all that stands over them.
class TileTree {
 public:
  // `hashes`: 256.
  explicit TileTree(std::span<const Hash> hashes) : nodes_(2 * kTileEntries) {
    std::ranges::copy(hashes, nodes_.begin() + kTileEntries);
    for (size_t width = kTileEntries / 2; width > 0; width /= 2) {
      node_hashes(std::span(nodes_).subspan(2 * width, 2 * width), std::span(nodes_).subspan(width, width));
    }
  }
  // Over `width` of them, a power of two, from `begin` on, a multiple of it.
  [[nodiscard]] const Hash& root(uint64_t begin, uint64_t width) const {
    return nodes_[(kTileEntries + begin) / width];
  }

 private:
  std::vector<Hash> nodes_;  // the parent of i is i / 2
};

// Nobody is handed a proof that does not hold.
Status check(const Trail& trail, EntryIndex index, const Hash& leaf, std::span<const Hash> proof) {
  const Checkpoint& tree = trail.checkpoint();
  const Status status = verify_inclusion(index, tree.size, leaf, proof, tree.root);
  if (status) return status;
  return fail(Code::kCorrupt, fmt::format("{}: run `weerbaar verify`", status.error().text));
}

// Proves entries of one segment that is sealed.
class SegmentProver {
 public:
  SegmentProver(const Trail& trail, RememberedRoots& roots) : trail_(trail), roots_(roots) {}

  Status open(uint64_t number, std::span<const EntryIndex> indexes) {
    first_ = number * kSegmentEntries;
    tiles_.clear();
    for (const EntryIndex index : indexes) {
      const auto tile = static_cast<uint32_t>((index.value() - first_) / kTileEntries);
      if (tiles_.empty() || tiles_.back() != tile) tiles_.push_back(tile);
    }
    const auto sealed = trail_.sealed().mapped(number);
    if (Status read = read_tiles(sealed->mapping->bytes(), sealed->head); !read) {
      return fail_in(trail_.sealed().path(number), read.error());
    }
    open_ = SIZE_MAX;
    return {};
  }

  // Of those that open() was given, ascending from call to call.
  Result<ProvenEntry> prove(EntryIndex index) {
    const uint64_t row = index.value() - first_;
    const auto at = static_cast<size_t>(std::ranges::lower_bound(tiles_, row / kTileEntries) - tiles_.begin());
    if (at != open_) hash_leaves(at);
    ProvenEntry proven;
    proven.bytes = entries_[at * kTileEntries + row % kTileEntries];
    WEERBAAR_ASSIGN(proven.proof, inclusion_proof(index, trail_.checkpoint().size,
                                                  [this](uint64_t b, uint64_t e) { return range_root(b, e); }));
    WEERBAAR_TRY(check(trail_, index, leaves_->root(row % kTileEntries, 1), proven.proof));
    return proven;
  }

 private:
  Status read_tiles(ByteView file, const SegmentHead& head) {
    WEERBAAR_TRY(reader_.read(file, head, tiles_, entries_));
    WEERBAAR_ASSIGN(const ByteView bytes, checked_section(file, head, Section::kTileHashes));
    std::vector<Hash> hashes(kTileEntries);
    if (bytes.size() != hashes.size() * sizeof(Hash)) return fail(Code::kCorrupt, "the tile hashes are not 256");
    for (size_t tile = 0; tile < hashes.size(); ++tile) {
      std::ranges::copy(bytes.subspan(tile * sizeof(Hash), sizeof(Hash)), hashes[tile].begin());
    }
    tile_roots_.emplace(hashes);
    return {};
  }

  void hash_leaves(size_t tile) {
    open_ = tile;
    const std::vector<ByteView> views(entries_.begin() + static_cast<ptrdiff_t>(tile * kTileEntries),
                                      entries_.begin() + static_cast<ptrdiff_t>((tile + 1) * kTileEntries));
    std::vector<Hash> leaves(kTileEntries);
    leaf_hashes(views, leaves);
    leaves_.emplace(leaves);
  }

  Result<Hash> range_root(uint64_t begin, uint64_t end) {
    const uint64_t width = end - begin;
    // A tree that ends within the segment has subtrees that are not full: they are few.
    const bool is_full = begin >= first_ && end <= first_ + kSegmentEntries && width < kSegmentEntries &&
                         std::has_single_bit(width) && (begin - first_) % width == 0;
    const uint64_t row = begin - first_;
    if (is_full && width >= kTileEntries) return tile_roots_->root(row / kTileEntries, width / kTileEntries);
    if (is_full && row / kTileEntries == tiles_[open_]) return leaves_->root(row % kTileEntries, width);
    return roots_.range_root(begin, end);
  }

  const Trail& trail_;
  RememberedRoots& roots_;
  TileReader reader_;
  uint64_t first_ = 0;
  std::vector<uint32_t> tiles_;
  std::vector<Bytes> entries_;  // of the tiles
  std::optional<TileTree> tile_roots_;
  size_t open_ = SIZE_MAX;  // the tile whose leaves are at hand
  std::optional<TileTree> leaves_;
};

Result<ProvenEntry> prove_open(const Trail& trail, RememberedRoots& roots, EntryIndex index) {
  ProvenEntry proven;
  WEERBAAR_TRY(trail.entry(index, proven.bytes));
  WEERBAAR_ASSIGN(proven.proof, inclusion_proof(index, trail.checkpoint().size,
                                                [&roots](uint64_t b, uint64_t e) { return roots.range_root(b, e); }));
  WEERBAAR_TRY(check(trail, index, leaf_hash(proven.bytes), proven.proof));
  return proven;
}

// Entries of one segment.
struct Part {
  size_t begin = 0;  // of the indexes
  size_t end = 0;
};

// What one thread does.
class Worker {
 public:
  Worker(const Trail& trail, RememberedRoots& roots) : trail_(trail), roots_(roots), prover_(trail, roots) {}

  Status prove(std::span<const EntryIndex> indexes, std::span<ProvenEntry> proven) {
    const bool is_sealed = indexes[0].value() < trail_.sealed_size();
    if (is_sealed) WEERBAAR_TRY(prover_.open(indexes[0].value() / kSegmentEntries, indexes));
    for (size_t i = 0; i < indexes.size(); ++i) {
      auto one = is_sealed ? prover_.prove(indexes[i]) : prove_open(trail_, roots_, indexes[i]);
      if (!one) return fail_in(fmt::format("entry {}", indexes[i].value()), one.error());
      proven[i] = std::move(*one);
    }
    return {};
  }

 private:
  const Trail& trail_;
  RememberedRoots& roots_;
  SegmentProver prover_;
};

}  // namespace

Result<std::vector<ProvenEntry>> prove_entries(const Trail& trail, std::span<const EntryIndex> indexes) {
  std::vector<Part> parts;
  for (size_t i = 0; i < indexes.size(); ++i) {
    const bool is_new = i == 0 || indexes[i].value() / kSegmentEntries != indexes[i - 1].value() / kSegmentEntries;
    if (is_new) parts.push_back({i, i});
    parts.back().end = i + 1;
  }
  // Those that are not sealed first: their roots, which all proofs need, take longest.
  std::ranges::reverse(parts);
  RememberedRoots roots(trail);
  std::vector<ProvenEntry> proven(indexes.size());
  std::vector<Status> statuses(parts.size());
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<size_t> next = 0;
  for_each_in_parallel(threads, std::min<size_t>(threads, parts.size()), [&](size_t) {
    Worker worker(trail, roots);
    for (size_t i = next++; i < parts.size(); i = next++) {
      const size_t count = parts[i].end - parts[i].begin;
      statuses[i] =
          worker.prove(indexes.subspan(parts[i].begin, count), std::span(proven).subspan(parts[i].begin, count));
    }
  });
  // The first in the order of the entries, whichever was met first.
  for (auto status = statuses.rbegin(); status != statuses.rend(); ++status) WEERBAAR_TRY(std::move(*status));
  return proven;
}

}  // namespace weerbaar::trail

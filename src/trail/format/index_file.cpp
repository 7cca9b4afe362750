#include "trail/format/index_file.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "trail/format/filter.h"
#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Code::kCorrupt, fmt::format("the index: {}", what));
}

// The siblings on the way from a leaf to the root of its group.
Result<std::vector<Hash>> path_within(std::span<const Hash> group, uint64_t position) {
  return inclusion_proof(EntryIndex(position), TreeSize(group.size()), [&](uint64_t begin, uint64_t end) {
    return Result<Hash>(tree_root(group.subspan(begin, end - begin)));
  });
}

}  // namespace

Result<IndexFile> IndexFile::open(ByteView file) {
  IndexFile index;
  WEERBAAR_ASSIGN(index.head_, read_index_head(file));
  WEERBAAR_TRY(index.open_parts(file.subspan(kIndexHeadBytes)));
  return index;
}

Status IndexFile::open_parts(ByteView file) {
  std::array<ByteView, kIndexParts> parts;
  for (size_t i = 0; i < kIndexParts; ++i) {
    const IndexPartPlace& place = head_.parts[i];
    parts[i] = file.first(place.length);
    file = file.subspan(place.length);
    const auto part = static_cast<IndexPart>(i);
    if (part == IndexPart::kBlocks || part == IndexPart::kRoots) continue;
    if (XXH3_64bits(parts[i].data(), parts[i].size()) != place.checksum) return corrupt("a checksum does not hold");
  }
  const auto part = [&](IndexPart number) { return parts[static_cast<size_t>(number)]; };
  blocks_ = part(IndexPart::kBlocks);
  roots_ = part(IndexPart::kRoots);
  filter_ = part(IndexPart::kFilter);
  if (filter_.size() % kFilterBlockBytes != 0) return corrupt("the filter has an impossible length");
  WEERBAAR_TRY(open_fences(part(IndexPart::kFences)));
  WEERBAAR_TRY(open_times(part(IndexPart::kTimes)));
  WEERBAAR_TRY(open_periods(part(IndexPart::kPeriods)));
  asked_ = std::make_unique<std::atomic<uint8_t>[]>(fences_.size() / 8 + 1);
  return {};
}

Status IndexFile::open_fences(ByteView bytes) {
  const uint64_t blocks = head_.blocks();
  fences_.resize(blocks);
  for (uint64_t i = 0; i < blocks; ++i) {
    const uint8_t* const at = bytes.data() + i * kIndexFenceBytes;
    fences_[i] = {{load_be<uint64_t>(at), load_be<uint64_t>(at + 8)}, load_le<uint64_t>(at + kIndexFencePrefixBytes)};
    if (i == 0 ? fences_[i].offset != 0
               : fences_[i].offset <= fences_[i - 1].offset || fences_[i].prefix < fences_[i - 1].prefix) {
      return corrupt("its blocks do not ascend");
    }
  }
  if (blocks == 0 ? !blocks_.empty() : fences_.back().offset >= blocks_.size()) {
    return corrupt("a block lies outside the file");
  }
  return {};
}

Status IndexFile::open_times(ByteView bytes) {
  std::vector<int64_t> times(bytes.size() / sizeof(int64_t));
  for (size_t i = 0; i < times.size(); ++i) {
    times[i] = static_cast<int64_t>(load_le<uint64_t>(bytes.data() + i * sizeof(int64_t)));
  }
  shape_ = std::make_unique<const IndexShape>(IndexShape::of(head_, std::move(times)));
  for (const int64_t time : shape_->times) {
    if (time < shape_->time_min || time > shape_->time_max) return corrupt("a time is impossible");
  }
  return {};
}

Status IndexFile::open_periods(ByteView bytes) {
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint16_t)) {
    const auto period = load_le<uint16_t>(bytes.data() + at);
    if (!periods_.empty() && period <= periods_.back()) return corrupt("its periods do not ascend");
    periods_.push_back(period);
  }
  return {};
}

IndexCommitment IndexFile::commitment() const {
  return {head_.first, head_.end, head_.keys(), periods_, head_.root};
}

void IndexFile::copy_filter() {
  filter_copy_.assign(filter_.begin(), filter_.end());
  filter_ = filter_copy_;
}

bool IndexFile::may_contain(uint64_t hash) const {
  return filter_may_contain(filter_, hash);
}

ByteView IndexFile::block_at(uint64_t block) const {
  const uint64_t begin = fences_[block].offset;
  const uint64_t end = block + 1 < fences_.size() ? fences_[block + 1].offset : blocks_.size();
  return blocks_.subspan(begin, end - begin);
}

Result<IndexBlock> IndexFile::open_block(uint64_t block) const {
  const uint64_t keys = std::min<uint64_t>(kIndexBlockKeys, head_.keys() - block * kIndexBlockKeys);
  auto opened = IndexBlock::open(block_at(block), keys);
  if (!opened) return fail_in(fmt::format("block {}", block), opened.error());
  return opened;
}

// Blocks whose first keys agree in all that a fence holds are told apart by those keys.
Result<uint64_t> IndexFile::block_of(ByteView key) const {
  const IndexPrefix prefix = IndexPrefix::of(key);
  const auto behind = std::ranges::upper_bound(fences_, prefix, {}, &Fence::prefix);
  auto high = static_cast<uint64_t>(behind - fences_.begin());
  if (high == 0) return fences_.size();
  if (fences_[high - 1].prefix != prefix) return high - 1;
  const auto tied = std::ranges::lower_bound(fences_, prefix, {}, &Fence::prefix);
  auto low = static_cast<uint64_t>(tied - fences_.begin());
  Bytes first;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    WEERBAAR_ASSIGN(const IndexBlock block, open_block(middle));
    WEERBAAR_TRY(block.key_at(0, first));
    if (std::ranges::lexicographical_compare(key, first)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low == 0 ? fences_.size() : low - 1;
}

ByteView IndexFile::block_bytes(ByteView key, bool& is_new) const {
  is_new = false;
  const auto behind = std::ranges::upper_bound(fences_, IndexPrefix::of(key), {}, &Fence::prefix);
  if (behind == fences_.begin()) return {};
  const auto block = static_cast<uint64_t>(behind - fences_.begin()) - 1;
  const auto bit = static_cast<uint8_t>(1U << block % 8);
  is_new = (asked_[block / 8].load(std::memory_order_relaxed) & bit) == 0;
  if (is_new) asked_[block / 8].fetch_or(bit, std::memory_order_relaxed);
  return block_at(block);
}

Result<IndexFile::Place> IndexFile::locate(ByteView key) const {
  WEERBAAR_ASSIGN(const uint64_t number, block_of(key));
  if (number == fences_.size()) return Place{};
  WEERBAAR_ASSIGN(const IndexBlock block, open_block(number));
  WEERBAAR_ASSIGN(const IndexBlock::Place in_block, block.find(key));
  Place place;
  place.position = number * kIndexBlockKeys + in_block.slot;
  place.found = in_block.found;
  if (place.found) {
    place.postings = IndexPostings(*shape_, block.orders(), head_.kind_of(place.position), in_block.postings);
  }
  return place;
}

Result<std::optional<IndexPostings>> IndexFile::find(ByteView key) const {
  WEERBAAR_ASSIGN(const Place place, locate(key));
  if (!place.found) return std::optional<IndexPostings>();
  return std::optional<IndexPostings>(place.postings);
}

Status IndexFile::actor_key(uint32_t rank, Bytes& key) const {
  if (rank >= head_.actors) return corrupt("an actor is missing");
  const uint64_t position = head_.subjects + rank;
  WEERBAAR_ASSIGN(const IndexBlock block, open_block(position / kIndexBlockKeys));
  WEERBAAR_TRY(block.key_at(position % kIndexBlockKeys, key));
  if (key.size() >= kActorKeyHeadBytes && key[0] == static_cast<uint8_t>(KeyKind::kActor)) return {};
  return corrupt("what should be an actor is none");
}

bool IndexFile::Cursor::open_block() {
  auto opened = file_->open_block(position_ / kIndexBlockKeys);
  if (!opened) {
    status_ = std::unexpected(std::move(opened.error()));
    return false;
  }
  block_ = *opened;
  walk_.emplace(block_);
  for (uint64_t skip = position_ % kIndexBlockKeys; skip > 0 && walk_->next(); --skip) {
    key_.resize(std::min(key_.size(), walk_->shared()));
    append(key_, walk_->suffix());
  }
  return true;
}

bool IndexFile::Cursor::next() {
  if (!status_ || position_ >= file_->keys()) return false;
  if (!walk_ || position_ % kIndexBlockKeys == 0) {
    if (!open_block()) return false;
  }
  const auto damage = [this] {
    status_ = corrupt("its keys are damaged");
    return false;
  };
  if (!walk_->next() || walk_->shared() > key_.size()) return damage();
  const ByteView suffix = walk_->suffix();
  if (position_ % kIndexBlockKeys == 0) {
    // The first of a block stands there whole.
    if (walk_->shared() != 0 || (position_ != 0 && !std::ranges::lexicographical_compare(key_, suffix)))
      return damage();
  } else if (suffix.empty() || (walk_->shared() < key_.size() && suffix[0] <= key_[walk_->shared()])) {
    return damage();
  }
  key_.resize(walk_->shared());
  append(key_, suffix);
  if (key_.empty() || key_[0] != static_cast<uint8_t>(file_->head_.kind_of(position_))) return damage();
  ++position_;
  return true;
}

IndexPostings IndexFile::Cursor::postings() const {
  const ByteView blocks = file_->blocks_;
  return {*file_->shape_, block_.orders(), kind(), walk_->postings(), blocks.data() + blocks.size()};
}

Hash IndexFile::stored_root(uint64_t number) const {
  Hash hash;
  std::copy_n(roots_.data() + number * sizeof(Hash), sizeof(Hash), hash.begin());
  return hash;
}

// Climbs from the keys of one block over each 64 roots above it, and checks what it meets on the way.
Result<IndexLeaf> IndexFile::leaf_at(uint64_t position, Bytes& postings) const {
  const uint64_t block = position / kIndexBlockKeys;
  IndexLeaf leaf;
  leaf.position = position;
  IndexLeaves leaves;
  std::vector<IndexPosting> decoded;
  Cursor cursor(*this, block * kIndexBlockKeys);
  const uint64_t end = std::min<uint64_t>(head_.keys(), (block + 1) * kIndexBlockKeys);
  while (cursor.position() < end && cursor.next()) {
    decoded.clear();
    IndexPostings all = cursor.postings();
    for (IndexPosting posting; all.next(posting);) decoded.push_back(posting);
    WEERBAAR_TRY(all.status());
    leaves.add(cursor.key(), decoded);
    if (cursor.position() - 1 != position) continue;
    leaf.key.assign(cursor.key().begin(), cursor.key().end());
    for (const IndexPosting& posting : decoded) {
      if (cursor.kind() == KeyKind::kSubject) {
        append_subject_posting(posting.index, posting.time, postings);
      } else {
        append_other_posting(posting.index, postings);
      }
    }
  }
  WEERBAAR_TRY(cursor.status());
  const std::span<const Hash> hashes = leaves.hash();
  std::vector<Hash> group(hashes.begin(), hashes.end());
  uint64_t place = position % kIndexBlockKeys;
  leaf.postings_hash = leaves.postings_hashes()[place];
  uint64_t below = 0;  // hashes of the levels below
  uint64_t number = block;
  for (const uint64_t level : index_root_levels(fences_.size())) {
    WEERBAAR_ASSIGN(const std::vector<Hash> path, path_within(group, place));
    leaf.path.insert(leaf.path.end(), path.begin(), path.end());
    if (stored_root(below + number) != tree_root(group)) return corrupt("a block does not fit the root over it");
    const uint64_t begin = number - number % kIndexBlockKeys;
    place = number % kIndexBlockKeys;
    group.clear();
    for (uint64_t i = begin; i < std::min(begin + kIndexBlockKeys, level); ++i) group.push_back(stored_root(below + i));
    below += level;
    number /= kIndexBlockKeys;
  }
  WEERBAAR_ASSIGN(const std::vector<Hash> path, path_within(group, place));
  leaf.path.insert(leaf.path.end(), path.begin(), path.end());
  if (tree_root(group) != head_.root) return corrupt("its blocks do not fit its root");
  return leaf;
}

Result<IndexProof> IndexFile::prove(ByteView key, Bytes& postings) const {
  postings.clear();
  WEERBAAR_ASSIGN(const Place place, locate(key));
  IndexProof proof;
  if (place.found) {
    WEERBAAR_ASSIGN(proof.present, leaf_at(place.position, postings));
    return proof;
  }
  Bytes of_others;
  if (place.position > 0) {
    WEERBAAR_ASSIGN(proof.before, leaf_at(place.position - 1, of_others));
  }
  if (place.position < head_.keys()) {
    WEERBAAR_ASSIGN(proof.behind, leaf_at(place.position, of_others));
  }
  return proof;
}

}  // namespace weerbaar::trail

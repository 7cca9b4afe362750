#include "trail/store/signed_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kLengthBytes = 2;

Bytes joined(std::span<const Hash> hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) append(bytes, hash);
  return bytes;
}

// The first `entries` of a bundle that holds more.
Bytes front_of(ByteView bundle, unsigned entries) {
  size_t end = 0;
  for (unsigned i = 0; i < entries; ++i) end += kLengthBytes + load_be<uint16_t>(bundle.data() + end);
  return {bundle.begin(), bundle.begin() + static_cast<ptrdiff_t>(end)};
}

}  // namespace

SignedLog::SignedLog(Checkpoint checkpoint, std::string note, std::shared_ptr<const SealedSegments> sealed,
                     uint64_t segments, std::shared_ptr<SealedTiles> sealed_tiles, std::vector<Unsealed> unsealed)
    : checkpoint_(std::move(checkpoint)),
      note_(std::move(note)),
      sealed_(std::move(sealed)),
      segments_(segments),
      sealed_tiles_(std::move(sealed_tiles)),
      unsealed_(std::move(unsealed)) {}

const SignedLog::Unsealed& SignedLog::unsealed_at(uint64_t entry) const {
  return unsealed_[(entry - sealed_size()) / kSegmentEntries];
}

// Within one tile.
Result<std::vector<Hash>> SignedLog::leaves(uint64_t begin, uint64_t end) const {
  std::vector<Hash> hashes(end - begin);
  if (begin >= sealed_size()) {
    const uint64_t first = begin % kSegmentEntries;
    std::ranges::copy(std::span(unsealed_at(begin).leaves).subspan(first, hashes.size()), hashes.begin());
    return hashes;
  }
  WEERBAAR_ASSIGN(const auto tile, sealed_tiles_->tile(*sealed_, begin / kTileEntries));
  const ByteView bytes = ByteView(tile->hashes).subspan(begin % kTileEntries * sizeof(Hash));
  for (size_t i = 0; i < hashes.size(); ++i) {
    std::ranges::copy(bytes.subspan(i * sizeof(Hash), sizeof(Hash)), hashes[i].begin());
  }
  return hashes;
}

Result<Hash> SignedLog::range_root(uint64_t begin, uint64_t end) const {
  if (begin >= end || end > checkpoint_.size.value()) {
    return fail(Code::kInvalid, fmt::format("the signed log of {} entries has no range from {} to {}",
                                            checkpoint_.size.value(), begin, end));
  }
  const uint64_t width = end - begin;
  const bool is_sealed = end <= sealed_size();
  if (is_sealed && width == kSegmentEntries && begin % width == 0) return sealed_->header(begin / width).root;
  if (begin / kTileEntries == (end - 1) / kTileEntries) {
    if (is_sealed && width == kTileEntries) {
      WEERBAAR_ASSIGN(const std::vector<Hash> roots, tile_roots(*sealed_, begin / kSegmentEntries));
      return roots[begin % kSegmentEntries / kTileEntries];
    }
    WEERBAAR_ASSIGN(const std::vector<Hash> hashes, leaves(begin, end));
    return tree_root(hashes);
  }
  const uint64_t left = std::bit_floor(width - 1);
  WEERBAAR_ASSIGN(const Hash left_root, range_root(begin, begin + left));
  WEERBAAR_ASSIGN(const Hash right_root, range_root(begin + left, end));
  return node_hash(left_root, right_root);
}

Result<Bytes> SignedLog::bundle(uint64_t number, unsigned width) const {
  const uint64_t first = number * kTileEntries;
  if (first < sealed_size()) {
    WEERBAAR_ASSIGN(const auto tile, sealed_tiles_->tile(*sealed_, number));
    return width == kTileWidth ? tile->bundle : front_of(tile->bundle, width);
  }
  const Unsealed& tail = unsealed_at(first);
  return encode_bundle(std::span(tail.entries).subspan(first % kSegmentEntries, width));
}

Result<Bytes> SignedLog::tile(const TilePath& path) const {
  const auto [level, number, width] = path.tile;
  if (!covers(checkpoint_.size, path.tile)) {
    return fail(Code::kNotFound, "the signed checkpoint covers no such tile");
  }
  const uint64_t first = number * kTileWidth;
  if (path.entries) return bundle(number, width);
  if (level == 0) {
    WEERBAAR_ASSIGN(const std::vector<Hash> tile, leaves(first, first + width));
    return joined(tile);
  }
  if (level == 1 && number < segments_) {
    WEERBAAR_ASSIGN(const std::vector<Hash> roots, tile_roots(*sealed_, number));
    return joined(std::span(roots).first(width));
  }
  const uint64_t span = uint64_t{1} << (kTileLevelBits * level);
  std::vector<Hash> roots;
  for (uint64_t i = first; i < first + width; ++i) {
    WEERBAAR_ASSIGN(const Hash root, range_root(i * span, (i + 1) * span));
    roots.push_back(root);
  }
  return joined(roots);
}

}  // namespace weerbaar::trail

#include "trail/store/sealed_tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "trail/format/merkle.h"
#include "trail/format/tile.h"
#include "trail/store/integer_scan.h"
#include "trail/store/tile_reader.h"

namespace weerbaar::trail {
namespace {

constexpr uint64_t kSegmentTiles = kSegmentEntries / kTileEntries;

Result<std::vector<Hash>> read_tile_roots(const SealedSegments::Sealed& file) {
  WEERBAAR_ASSIGN(const ByteView bytes, checked_section(file.mapping->bytes(), file.head, Section::kTileHashes));
  std::vector<Hash> hashes(kSegmentTiles);
  if (bytes.size() != hashes.size() * sizeof(Hash)) return fail(Code::kCorrupt, "the tile hashes are not 256");
  for (size_t tile = 0; tile < hashes.size(); ++tile) {
    std::ranges::copy(bytes.subspan(tile * sizeof(Hash), sizeof(Hash)), hashes[tile].begin());
  }
  return hashes;
}

Result<SealedTiles::Tile> make_tile(std::span<const Bytes> stored, const Hash& expected) {
  const std::vector<ByteView> entries(stored.begin(), stored.end());
  std::vector<Hash> leaves(entries.size());
  leaf_hashes(entries, leaves);
  // The tree and the entries may be stored apart: nothing is published in which they differ.
  if (tree_root(leaves) != expected) return fail(Code::kCorrupt, "entries do not have the hash that the tree has");
  SealedTiles::Tile tile;
  tile.hashes.reserve(leaves.size() * sizeof(Hash));
  for (const Hash& leaf : leaves) append(tile.hashes, leaf);
  WEERBAAR_ASSIGN(tile.bundle, encode_bundle(entries));
  return tile;
}

}  // namespace

Result<std::vector<Hash>> tile_roots(const SealedSegments& sealed, uint64_t segment) {
  const auto file = sealed.mapped(segment);
  auto roots = read_tile_roots(*file);
  if (!roots) return fail_in(sealed.path(segment), roots.error());
  return roots;
}

Result<SealedTiles::Run> SealedTiles::read(const SealedSegments& sealed, uint64_t number) {
  const uint64_t first = number * kRunTiles;
  const uint64_t segment = first / kSegmentTiles;
  const auto file = sealed.mapped(segment);
  const auto failed = [&](const Error& error) {
    return fail_in(sealed.path(segment), Error{error.code, error.text + ": run `weerbaar verify`"});
  };
  const auto roots = read_tile_roots(*file);
  if (!roots) return failed(roots.error());
  std::vector<uint32_t> tiles(kRunTiles);
  std::iota(tiles.begin(), tiles.end(), static_cast<uint32_t>(first % kSegmentTiles));
  std::vector<Bytes> entries;
  TileReader reader;
  if (const Status status = reader.read(file->mapping->bytes(), file->head, tiles, entries); !status) {
    return failed(status.error());
  }
  Run run;
  for (size_t i = 0; i < tiles.size(); ++i) {
    auto tile = make_tile(std::span(entries).subspan(i * kTileEntries, kTileEntries), (*roots)[tiles[i]]);
    if (!tile) return failed(tile.error());
    run.push_back(std::move(*tile));
  }
  return run;
}

std::shared_ptr<const SealedTiles::Run> SealedTiles::find(uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(number);
  if (found == kept_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second.recent);
  return found->second.run;
}

void SealedTiles::keep(uint64_t number, const std::shared_ptr<const Run>& run) {
  size_t bytes = 0;
  for (const Tile& tile : *run) bytes += tile.hashes.size() + tile.bundle.size();
  const std::lock_guard lock(mutex_);
  ++runs_read_;
  // Another thread may have read the same meanwhile.
  if (bytes > kBytesMax || kept_.contains(number)) return;
  while (bytes_ + bytes > kBytesMax) {
    bytes_ -= kept_.at(recent_.back()).bytes;
    kept_.erase(recent_.back());
    recent_.pop_back();
  }
  recent_.push_front(number);
  kept_[number] = {run, bytes, recent_.begin()};
  bytes_ += bytes;
}

Result<std::shared_ptr<const SealedTiles::Tile>> SealedTiles::tile(const SealedSegments& sealed, uint64_t number) {
  const uint64_t of_run = number / kRunTiles;
  std::shared_ptr<const Run> run = find(of_run);
  if (run == nullptr) {
    WEERBAAR_ASSIGN(Run fresh, read(sealed, of_run));
    run = std::make_shared<const Run>(std::move(fresh));
    keep(of_run, run);
  }
  const Tile* const tile = &(*run)[number % kRunTiles];
  return std::shared_ptr<const Tile>(std::move(run), tile);
}

uint64_t SealedTiles::runs_read() const {
  const std::lock_guard lock(mutex_);
  return runs_read_;
}

}  // namespace weerbaar::trail

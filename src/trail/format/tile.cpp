#include "trail/format/tile.h"

#include <fmt/format.h>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

constexpr unsigned kLevelBits = 8;  // 256 = 2^8
constexpr size_t kLengthBytes = 2;

// Groups of three digits, all but the last with an x before them, so that no directory has the name of a file.
std::string number_path(uint64_t number, unsigned width) {
  WEERBAAR_CHECK(width >= 1 && width <= kTileWidth);
  std::string path = fmt::format("{:03}", number % 1000);
  for (uint64_t rest = number / 1000; rest > 0; rest /= 1000) path = fmt::format("x{:03}/{}", rest % 1000, path);
  if (width < kTileWidth) path += fmt::format(".p/{}", width);
  return path;
}

}  // namespace

std::string tile_path(unsigned level, uint64_t number, unsigned width) {
  WEERBAAR_CHECK(level <= kTileLevelMax);
  return fmt::format("tile/{}/{}", level, number_path(number, width));
}

std::string entries_path(uint64_t number, unsigned width) {
  return fmt::format("tile/entries/{}", number_path(number, width));
}

std::vector<TileLevel> tile_levels(TreeSize size) {
  std::vector<TileLevel> levels;
  unsigned level = 0;
  for (uint64_t hashes = size.value(); hashes > 0; hashes >>= kLevelBits) {
    levels.push_back({level++, hashes / kTileWidth, static_cast<unsigned>(hashes % kTileWidth)});
  }
  return levels;
}

std::vector<Tile> list_tiles(TreeSize size) {
  std::vector<Tile> list;
  for (const TileLevel& level : tile_levels(size)) {
    for (uint64_t number = 0; number < level.full; ++number) list.push_back({level.level, number, kTileWidth});
    if (level.partial > 0) list.push_back({level.level, level.full, level.partial});
  }
  return list;
}

Result<Bytes> encode_bundle(std::span<const ByteView> entries) {
  size_t size = 0;
  for (const ByteView entry : entries) size += kLengthBytes + entry.size();
  Bytes bundle;
  bundle.reserve(size);
  for (const ByteView entry : entries) {
    if (entry.size() > kEntryBytesMax) {
      return fail(Code::kInvalid, fmt::format("an entry of {} bytes is longer than a bundle can hold ({})",
                                              entry.size(), kEntryBytesMax));
    }
    uint8_t length[kLengthBytes];
    store_be(length, static_cast<uint16_t>(entry.size()));
    append(bundle, length);
    append(bundle, entry);
  }
  return bundle;
}

Result<std::vector<ByteView>> decode_bundle(ByteView bundle, unsigned width) {
  std::vector<ByteView> entries;
  while (!bundle.empty()) {
    if (entries.size() == width) return fail(Code::kInvalid, fmt::format("entry bundle: more than {} entries", width));
    const size_t length = bundle.size() < kLengthBytes ? 0 : load_be<uint16_t>(bundle.data());
    if (bundle.size() < kLengthBytes + length) {
      return fail(Code::kInvalid, fmt::format("entry bundle: entry {} is cut short", entries.size()));
    }
    entries.push_back(bundle.subspan(kLengthBytes, length));
    bundle = bundle.subspan(kLengthBytes + length);
  }
  if (entries.size() != width) {
    return fail(Code::kInvalid, fmt::format("entry bundle: {} entries instead of {}", entries.size(), width));
  }
  return entries;
}

}  // namespace weerbaar::trail

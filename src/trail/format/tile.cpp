#include "trail/format/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kLengthBytes = 2;

// Groups of three digits, all but the last with an x before them, so that no directory has the name of a file.
std::string number_path(uint64_t number, unsigned width) {
  WEERBAAR_CHECK(width >= 1 && width <= kTileWidth);
  std::string path = fmt::format("{:03}", number % 1000);
  for (uint64_t rest = number / 1000; rest > 0; rest /= 1000) path = fmt::format("x{:03}/{}", rest % 1000, path);
  if (width < kTileWidth) path += fmt::format(".p/{}", width);
  return path;
}

std::unexpected<Error> no_tile() {
  return fail(Code::kInvalid, "not the path of a tile, as c2sp.org/tlog-tiles writes it");
}

// Takes what stands before the next '/', with that.
std::string_view take_segment(std::string_view& path) {
  const size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

// Takes the groups of the number; `width` is that of a full tile, or follows behind ".p".
Result<uint64_t> take_number(std::string_view& path, unsigned& width) {
  constexpr std::string_view kPartial = ".p";
  uint64_t number = 0;
  for (bool more = true; more;) {
    std::string_view group = take_segment(path);
    more = group.starts_with('x');
    if (more) group.remove_prefix(1);
    if (!more && group.ends_with(kPartial)) {
      group.remove_suffix(kPartial.size());
      const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), width);
      if (path.empty() || error != std::errc() || end != path.data() + path.size()) return no_tile();
      path = {};
    }
    uint64_t digits = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), digits);
    if (group.size() != 3 || error != std::errc() || end != group.data() + group.size()) return no_tile();
    if (number > (std::numeric_limits<uint64_t>::max() - digits) / 1000) return no_tile();
    number = number * 1000 + digits;
  }
  return number;
}

}  // namespace

Result<TilePath> parse_tile_path(std::string_view path) {
  const std::string_view whole = path;
  if (take_segment(path) != "tile") return no_tile();
  TilePath parsed;
  const std::string_view level = take_segment(path);
  parsed.entries = level == "entries";
  if (!parsed.entries) {
    const auto [end, error] = std::from_chars(level.data(), level.data() + level.size(), parsed.tile.level);
    if (level.empty() || error != std::errc() || end != level.data() + level.size()) return no_tile();
    if (parsed.tile.level > kTileLevelMax) return no_tile();
  }
  parsed.tile.width = kTileWidth;
  WEERBAAR_ASSIGN(parsed.tile.number, take_number(path, parsed.tile.width));
  if (parsed.tile.width < 1 || parsed.tile.width > kTileWidth) return no_tile();
  const Tile& tile = parsed.tile;
  const std::string written =
      parsed.entries ? entries_path(tile.number, tile.width) : tile_path(tile.level, tile.number, tile.width);
  // Leading zeros, a width of 256, something behind it: each tile has one path.
  if (written != whole) return no_tile();
  return parsed;
}

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
  for (uint64_t hashes = size.value(); hashes > 0; hashes >>= kTileLevelBits) {
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

bool covers(TreeSize size, const Tile& tile) {
  constexpr unsigned kTreeLevels = 64 / kTileLevelBits;
  const uint64_t hashes = tile.level < kTreeLevels ? size.value() >> (kTileLevelBits * tile.level) : 0;
  return tile.number <= hashes / kTileWidth && tile.number * kTileWidth + tile.width <= hashes;
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

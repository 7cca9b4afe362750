// The static form of a log (c2sp.org/tlog-tiles): hashes in tiles of 256, entries in bundles of 256. Hash i of tile n
// at level l is MTH(D[(256 n + i) 256^l : (256 n + i + 1) 256^l]).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "trail/format/entry.h"

namespace weerbaar::trail {

inline constexpr unsigned kTileWidth = 256;    // hashes in a full tile, entries in a full bundle
inline constexpr unsigned kTileLevelBits = 8;  // a hash of one level stands for 2^8 of the level below
inline constexpr unsigned kTileLevelMax = 63;  // that a path can name; a tree of 64-bit size needs 8 levels

// A path below the prefix of the log: tile/1/x001/x234/067, and with .p/WIDTH behind it when narrower than a full tile.
// Level 0 to kTileLevelMax, width 1 to kTileWidth.
std::string tile_path(unsigned level, uint64_t number, unsigned width);
std::string entries_path(uint64_t number, unsigned width);

struct Tile {
  unsigned level;
  uint64_t number;
  unsigned width;

  bool operator==(const Tile&) const = default;
};

// What a path names: a tile, or with `entries` the bundle of the entries of a tile of level 0.
struct TilePath {
  bool entries = false;
  Tile tile{};

  bool operator==(const TilePath&) const = default;
};
// The exact reverse of tile_path and entries_path, with `tile/` in front. kInvalid for any other text.
Result<TilePath> parse_tile_path(std::string_view path);

// The tiles of one level: `full` full ones from number 0, then one of `partial` hashes when that is not 0.
struct TileLevel {
  unsigned level;
  uint64_t full;
  unsigned partial;

  bool operator==(const TileLevel&) const = default;
};
// What a tree of this size needs, from level 0 upward, without empty levels. The entry bundles are those of level 0.
std::vector<TileLevel> tile_levels(TreeSize size);

// The same, tile by tile: about size / 255 of them.
std::vector<Tile> list_tiles(TreeSize size);

// Whether a tree of this size has all hashes of the tile.
bool covers(TreeSize size, const Tile& tile);

// Entries one after another, each behind its length in two bytes, big-endian. kInvalid when one is longer than
// kEntryBytesMax.
Result<Bytes> encode_bundle(std::span<const ByteView> entries);
// The `width` entries of a bundle, as views into it. kInvalid when there are fewer or more, or the last one is cut.
Result<std::vector<ByteView>> decode_bundle(ByteView bundle, unsigned width);

}  // namespace weerbaar::trail

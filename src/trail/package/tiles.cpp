#include "trail/package/tiles.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "trail/format/checkpoint.h"
#include "trail/format/merkle.h"
#include "trail/format/note.h"
#include "trail/format/tile.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kCheckpoint = "checkpoint";

// The statement of a checkpoint, whoever signed it: its root is compared with our own, which proves more.
Result<Checkpoint> read_unverified(std::string_view note) {
  const size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return fail(Code::kInvalid, "it is not a signed note");
  return parse_checkpoint(note.substr(0, blank + 1));
}

class Exporter {
 public:
  Exporter(const Trail& trail, os::FileSystem& files, const std::string& directory)
      : trail_(trail), files_(files), directory_(directory) {}

  Result<TilesReport> run() {
    WEERBAAR_TRY(files_.make_directory(directory_));
    WEERBAAR_ASSIGN(const TreeSize before, exported_size());
    const Checkpoint& signed_tree = trail_.checkpoint();
    const std::vector<TileLevel> old_levels = tile_levels(before);
    for (const TileLevel& level : tile_levels(signed_tree.size)) {
      const bool is_new = level.level >= old_levels.size();
      WEERBAAR_TRY(write_level(level, is_new ? TileLevel{level.level, 0, 0} : old_levels[level.level]));
    }
    for (const std::string& changed : changed_) WEERBAAR_TRY(files_.sync_directory(changed));
    // Also when its tree is there already: it may have been signed again.
    WEERBAAR_TRY(os::write_file_atomically(files_, path(kCheckpoint), as_bytes(trail_.checkpoint_note())));
    return TilesReport{signed_tree.size, signed_tree.root, written_};
  }

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return os::join(directory_, name); }

  // Size of the tree that the directory holds already; 0 when it is empty.
  Result<TreeSize> exported_size() {
    WEERBAAR_ASSIGN(const std::vector<std::string> names, files_.list(directory_));
    if (names.empty()) return TreeSize(0);
    const std::string file = path(kCheckpoint);
    if (!files_.exists(file)) {
      return fail(Code::kExists, fmt::format("{} is not empty and holds no checkpoint: export to a new directory, or "
                                             "empty this one if an export into it was interrupted",
                                             directory_));
    }
    WEERBAAR_ASSIGN(const Bytes note, os::read_file(files_, file, kNoteBytesMax));
    const auto old = read_unverified(as_text(note));
    if (!old) return fail(Code::kExists, fmt::format("{}: {}: export to a new directory", file, old.error().text));
    if (old->origin != trail_.origin()) {
      return fail(Code::kExists,
                  fmt::format("{} holds the export of another log: export to a new directory", directory_));
    }
    if (old->size > trail_.checkpoint().size) {
      return fail(Code::kCorrupt, fmt::format("{} was exported with {} entries, but only {} are signed now: entries "
                                              "were lost. Keep the export as evidence, and run `weerbaar verify`",
                                              directory_, old->size.value(), trail_.checkpoint().size.value()));
    }
    WEERBAAR_ASSIGN(const Hash ours, trail_.root(old->size));
    if (ours != old->root) {
      return fail(Code::kCorrupt, fmt::format("{} was exported with another tree of {} entries than the trail holds: "
                                              "entries were changed. Keep the export as evidence, and run `weerbaar "
                                              "verify`",
                                              directory_, old->size.value()));
    }
    return old->size;
  }

  // Everything that `old` lacks. Full tiles never change.
  Status write_level(const TileLevel& now, const TileLevel& old) {
    for (uint64_t number = old.full; number < now.full; ++number) {
      WEERBAAR_TRY(write_tile({now.level, number, kTileWidth}));
    }
    if (now.partial > 0 && now != old) return write_tile({now.level, now.full, now.partial});
    return {};
  }

  Status write_tile(const Tile& tile) {
    Bytes hashes;
    hashes.reserve(tile.width * sizeof(Hash));
    if (tile.level == 0) {
      WEERBAAR_TRY(write_bundle(tile, hashes));
    } else {
      const uint64_t span = uint64_t{1} << (kTileLevelBits * tile.level);
      for (uint64_t i = 0; i < tile.width; ++i) {
        const uint64_t begin = (tile.number * kTileWidth + i) * span;
        WEERBAAR_ASSIGN(const Hash hash, trail_.range_root(begin, begin + span));
        append(hashes, hash);
      }
    }
    return write(tile_path(tile.level, tile.number, tile.width), hashes);
  }

  // Writes the entries of a tile of level 0 and gives the hashes of what was written.
  Status write_bundle(const Tile& tile, Bytes& hashes) {
    const uint64_t first = tile.number * kTileWidth;
    std::vector<Bytes> stored(tile.width);
    std::vector<ByteView> entries;
    for (uint64_t i = 0; i < tile.width; ++i) {
      WEERBAAR_TRY(trail_.entry(EntryIndex(first + i), stored[i]));
      entries.emplace_back(stored[i]);
    }
    std::vector<Hash> leaves(tile.width);
    leaf_hashes(entries, leaves);
    // The trail's tree and its entries may be stored apart: nothing is published in which they differ.
    WEERBAAR_ASSIGN(const Hash expected, trail_.range_root(first, first + tile.width));
    if (tree_root(leaves) != expected) {
      return fail(Code::kCorrupt, fmt::format("entries {} to {} do not have the hash that the tree has for them: run "
                                              "`weerbaar verify`",
                                              first, first + tile.width - 1));
    }
    for (const Hash& leaf : leaves) append(hashes, leaf);
    WEERBAAR_ASSIGN(const Bytes bundle, encode_bundle(entries));
    return write(entries_path(tile.number, tile.width), bundle);
  }

  // As os::write_file_atomically, but the directory is synced once, at the end.
  Status write(const std::string& name, const Bytes& content) {
    const std::string file = path(name);
    const std::string folder = os::parent(file);
    if (changed_.insert(folder).second) WEERBAAR_TRY(files_.make_directory(folder));
    const std::string fresh = file + ".new";
    {
      WEERBAAR_ASSIGN(const auto opened, files_.open(fresh, os::Mode::kCreate));
      WEERBAAR_TRY(opened->resize(content.size()));
      WEERBAAR_TRY(opened->write_at(0, content));
      WEERBAAR_TRY(opened->sync());
    }
    WEERBAAR_TRY(files_.rename(fresh, file));
    ++written_;
    return {};
  }

  const Trail& trail_;
  os::FileSystem& files_;
  const std::string& directory_;
  std::set<std::string> changed_;
  uint64_t written_ = 0;
};

}  // namespace

Result<TilesReport> export_tiles(const Trail& trail, os::FileSystem& files, const std::string& directory) {
  return Exporter(trail, files, directory).run();
}

}  // namespace weerbaar::trail

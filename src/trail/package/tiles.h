// The trail as a static C2SP tlog-tiles tree: files that any web server can publish, and any tlog client can read.
#pragma once

#include <string>

#include "base/result.h"
#include "base/strong.h"
#include "os/file_system.h"
#include "trail/format/sha256.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

struct TilesReport {
  TreeSize size;               // of the signed checkpoint: entries behind it are not exported
  Hash root{};                 // of that tree
  uint64_t files_written = 0;  // tiles and entry bundles; 0 when the directory was up to date
};

// Writes `checkpoint`, tile/LEVEL/… and tile/entries/… (trail/format/tile.h) for the last signed checkpoint. The
// checkpoint comes last, when all that it needs is durable: whoever sees it finds its tiles, also after a crash.
//
// A directory that holds an earlier export gets only what is new; nothing in it is removed, and partial tiles stay, as
// somebody may still hold a checkpoint that needs them. After an error, a repeated call finishes the work.
//
//   kExists   the directory holds something else than an export, or the export of another log
//   kCorrupt  the earlier export has a tree that the trail does not continue, or the trail contradicts itself
// Errors of the trail and of `files` as they are.
Result<TilesReport> export_tiles(const Trail& trail, os::FileSystem& files, const std::string& directory);

}  // namespace weerbaar::trail

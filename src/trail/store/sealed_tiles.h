// Hashes and entries of sealed tiles, as c2sp.org/tlog-tiles publishes them. A tile costs nearly as much to read as its
// neighbours with it, and who reads one mostly asks for those next: so they are read sixteen at a time, and kept a
// while.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/store/sealed_segments.h"

namespace weerbaar::trail {

// Thread-safe.
class SealedTiles {
 public:
  static constexpr uint64_t kRunTiles = 16;
  // What is kept takes no more; a run that alone takes more is not kept.
  static constexpr size_t kBytesMax = size_t{48} << 20U;

  struct Tile {
    Bytes hashes;  // of its 256 entries
    Bytes bundle;  // trail/format/tile.h
  };

  // The tile of that number, counted from the first of the log; its segment is in `sealed`, which is of one log from
  // call to call. It was found to have the hash that the segment states for it. kCorrupt names the file.
  Result<std::shared_ptr<const Tile>> tile(const SealedSegments& sealed, uint64_t number);

  // How many runs were read, for tests.
  [[nodiscard]] uint64_t runs_read() const;

 private:
  using Run = std::vector<Tile>;
  struct Kept {
    std::shared_ptr<const Run> run;
    size_t bytes = 0;
    std::list<uint64_t>::iterator recent;
  };

  static Result<Run> read(const SealedSegments& sealed, uint64_t number);
  std::shared_ptr<const Run> find(uint64_t number);
  void keep(uint64_t number, const std::shared_ptr<const Run>& run);

  mutable std::mutex mutex_;
  std::list<uint64_t> recent_;  // latest first
  std::map<uint64_t, Kept> kept_;
  size_t bytes_ = 0;
  uint64_t runs_read_ = 0;
};

// The hashes of the 256 tiles of a sealed segment, as it states them. kCorrupt names the file.
Result<std::vector<Hash>> tile_roots(const SealedSegments& sealed, uint64_t segment);

}  // namespace weerbaar::trail

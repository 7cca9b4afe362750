// What the last signed checkpoint of a trail covers, and nothing behind it: to be read beside who appends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/checkpoint.h"
#include "trail/format/tile.h"
#include "trail/store/open_tail.h"
#include "trail/store/sealed_segments.h"
#include "trail/store/sealed_tiles.h"

namespace weerbaar::trail {

// Immutable and thread-safe; it outlives the trail that gave it, but not its file system. It keeps the memory of tails
// that were not sealed when it was made, so hold the latest only.
class SignedLog {
 public:
  // A tail as it was: of the one that grows, what was there.
  struct Unsealed {
    std::shared_ptr<const OpenTail> tail;  // holds what the views see
    std::vector<ByteView> entries;
    std::vector<Hash> leaves;
  };

  // `unsealed` follow each other behind `segments` of the sealed segments, as far as the checkpoint goes.
  SignedLog(Checkpoint checkpoint, std::string note, std::shared_ptr<const SealedSegments> sealed, uint64_t segments,
            std::shared_ptr<SealedTiles> sealed_tiles, std::vector<Unsealed> unsealed);

  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }
  // As it was signed.
  [[nodiscard]] const std::string& note() const { return note_; }

  // MTH over entries, for proofs (trail/format/merkle.h). kInvalid beyond the checkpoint.
  [[nodiscard]] Result<Hash> range_root(uint64_t begin, uint64_t end) const;
  // The bytes of a tile, or of a bundle of entries. Whatever its width it is given when all of it is under the
  // checkpoint, so that one that was partial once can be had for ever. kNotFound when it is not.
  [[nodiscard]] Result<Bytes> tile(const TilePath& path) const;

 private:
  [[nodiscard]] uint64_t sealed_size() const { return segments_ * kSegmentEntries; }
  [[nodiscard]] const Unsealed& unsealed_at(uint64_t entry) const;
  [[nodiscard]] Result<std::vector<Hash>> leaves(uint64_t begin, uint64_t end) const;
  [[nodiscard]] Result<Bytes> bundle(uint64_t number, unsigned width) const;

  const Checkpoint checkpoint_;
  const std::string note_;
  const std::shared_ptr<const SealedSegments> sealed_;
  const uint64_t segments_;
  const std::shared_ptr<SealedTiles> sealed_tiles_;
  const std::vector<Unsealed> unsealed_;
};

}  // namespace weerbaar::trail

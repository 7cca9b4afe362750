// An index file, read: who and what occurs in a run of entries, and where; with the proof that it leaves nothing out.
// docs/formats/index.md. Derived from segments; its root is evidence.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/index_block.h"
#include "trail/format/index_leaves.h"
#include "trail/format/index_tree.h"

namespace weerbaar::trail {

// Immutable once open, and then safe to read from several threads. The bytes may be anybody's.
class IndexFile {
 public:
  // `file` must outlive it. Checks the head, and the parts that it copies into memory: about 0.6 bytes a key for
  // finding blocks, 8 bytes per 256 entries for times. Reads nothing of the blocks. kCorrupt says what is damaged: it
  // can be made again.
  static Result<IndexFile> open(ByteView file);

  [[nodiscard]] uint64_t first_index() const { return head_.first; }
  [[nodiscard]] uint64_t end() const { return head_.end; }
  [[nodiscard]] uint64_t keys() const { return head_.keys(); }
  [[nodiscard]] uint64_t actors() const { return head_.actors; }
  [[nodiscard]] const IndexHead& head() const { return head_; }
  [[nodiscard]] IndexCommitment commitment() const;

  // Reads the filter from memory from now on. Not while other threads read.
  void copy_filter();
  [[nodiscard]] size_t filter_bytes() const { return filter_.size(); }
  // By key_hash(). False is certain, true is not.
  [[nodiscard]] bool may_contain(uint64_t hash) const;

  // The block in which the key stands if it is there at all; empty when it stands in none. Not checked. `is_new` says
  // that nobody asked for it since opening: its bytes may still lie on the disk.
  [[nodiscard]] ByteView block_bytes(ByteView key, bool& is_new) const;
  // The postings of the key, or nothing when it is not there. kCorrupt when the block is damaged.
  [[nodiscard]] Result<std::optional<IndexPostings>> find(ByteView key) const;
  // Replaces `key` by the key of the actor with that rank. kCorrupt when there is none.
  Status actor_key(uint32_t rank, Bytes& key) const;

  // That the key is there, or is not, against root(). kCorrupt when the blocks that it needs do not fit the root.
  // `postings` becomes all of its postings in their hashed form, none when it is absent.
  Result<IndexProof> prove(ByteView key, Bytes& postings) const;

  // All keys in turn.
  class Cursor {
   public:
    explicit Cursor(const IndexFile& file, uint64_t position = 0) : file_(&file), position_(position) {}

    // False behind the last key, and at damage: kCorrupt of status(). Keys that do not ascend, or repeat more of the
    // key before than they name, count as damage.
    bool next();
    [[nodiscard]] ByteView key() const { return key_; }
    [[nodiscard]] KeyKind kind() const { return file_->head_.kind_of(position_ - 1); }
    [[nodiscard]] IndexPostings postings() const;
    // Keys given.
    [[nodiscard]] uint64_t position() const { return position_; }
    [[nodiscard]] const Status& status() const { return status_; }

   private:
    bool open_block();

    const IndexFile* file_;
    uint64_t position_;
    IndexBlock block_;
    std::optional<IndexBlock::Walk> walk_;
    Bytes key_;
    Status status_;
  };

  // What a fence says of a block, and its root as stored: for who checks the file against what it should be.
  [[nodiscard]] IndexPrefix fence(uint64_t block) const { return fences_[block].prefix; }
  // The hashes over the blocks, level by level as in index_root_levels().
  [[nodiscard]] Hash stored_root(uint64_t number) const;
  [[nodiscard]] ByteView filter() const { return filter_; }
  // The sampled times, in units of head().scale.
  [[nodiscard]] std::span<const int64_t> times() const { return shape_->times; }

 private:
  struct Fence {
    IndexPrefix prefix;
    uint64_t offset;
  };
  struct Place {
    uint64_t position = 0;  // of the key, or of the first one behind where it would stand
    bool found = false;
    IndexPostings postings;
  };

  IndexFile() = default;
  Status open_parts(ByteView file);
  Status open_fences(ByteView bytes);
  Status open_times(ByteView bytes);
  Status open_periods(ByteView bytes);
  [[nodiscard]] ByteView block_at(uint64_t block) const;
  [[nodiscard]] Result<IndexBlock> open_block(uint64_t block) const;
  // The last block that begins at or before the key; the number of blocks when there is none.
  [[nodiscard]] Result<uint64_t> block_of(ByteView key) const;
  [[nodiscard]] Result<Place> locate(ByteView key) const;
  [[nodiscard]] Result<IndexLeaf> leaf_at(uint64_t position, Bytes& postings) const;

  IndexHead head_;
  std::unique_ptr<const IndexShape> shape_;  // postings look into it: it stays where it is when this is moved
  std::vector<Fence> fences_;
  std::vector<uint16_t> periods_;
  ByteView blocks_;
  ByteView roots_;
  ByteView filter_;
  Bytes filter_copy_;
  std::unique_ptr<std::atomic<uint8_t>[]> asked_;  // blocks that were asked for, a bit each
};

}  // namespace weerbaar::trail

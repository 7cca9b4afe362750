// The entries of one segment-to-be: durable in a tail file, and at hand in memory.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/file_system.h"
#include "trail/format/segment.h"
#include "trail/format/tail.h"
#include "trail/store/tail_index.h"

namespace weerbaar::trail {

// "000000000000065536.tail": the entries from this index on.
std::string tail_name(uint64_t first_index);

// Entries to append, encoded: behind room for the head of a batch, `bytes` holds each behind its length in two bytes,
// big-endian.
struct TailBatch {
  struct Key {
    uint64_t hash;
    uint32_t entry;  // within the batch
  };
  Bytes bytes = Bytes(kBatchHeadBytes);
  std::vector<uint32_t> lengths;  // of the entries
  std::vector<Key> keys;          // what the entries can be found by
  std::vector<uint32_t> records;  // which of them are no events, ascending

  [[nodiscard]] size_t count() const { return lengths.size(); }
};

// Not thread-safe; immutable, and then safe to read from any thread, once full().
class OpenTail {
 public:
  // Makes an empty tail. Its name is durable when this returns, its head with the first batch: a crash before that
  // leaves a file that open() takes for an empty tail.
  static Result<std::unique_ptr<OpenTail>> create(os::FileSystem& files, const std::string& directory,
                                                  uint64_t first_index);
  // Reads a tail and changes nothing. kCorrupt when acknowledged entries are damaged.
  static Result<std::unique_ptr<OpenTail>> open(os::FileSystem& files, const std::string& directory,
                                                uint64_t first_index, bool writable);
  // After open() with `writable` and before the first append(): what a crash tore off is cut away, and what is left is
  // durable when this returns. Before, it need not be: an earlier process may have failed to sync its last batch, or
  // the name of the file, and the system then shows what the disk does not hold.
  Status recover(os::FileSystem& files, const std::string& directory);

  // Lets the disk begin with a large batch while the rest of it is encoded. What it writes is a torn batch, and so
  // nothing, until append() gives it its head. `batch` is that of the append() to come, and may have grown since the
  // last call. Errors as of append().
  Status write_ahead(const TailBatch& batch);

  // Returns when the batch is durable (written, and one sync). After an error the tail must not be used any more: what
  // is on disk is uncertain until it is opened again. Takes the bytes over.
  Status append(TailBatch batch, uint64_t signed_size);

  // Gives up the memory of its batches, for batches to come, when nobody reads this tail any more.
  std::deque<Bytes> take_memory() { return std::exchange(memory_, {}); }

  [[nodiscard]] uint64_t first_index() const { return first_index_; }
  [[nodiscard]] uint64_t size() const { return entries_.size(); }
  // Of its entries in memory.
  [[nodiscard]] uint64_t bytes() const;
  [[nodiscard]] bool full() const { return entries_.size() == kSegmentEntries; }
  [[nodiscard]] std::span<const ByteView> entries() const { return entries_; }
  [[nodiscard]] std::span<const Hash> leaves() const { return std::span(leaves_).first(entries_.size()); }
  // Root over the entries of the tail from `begin` up to `end`, not empty, counted from the first.
  [[nodiscard]] Hash root(uint64_t begin, uint64_t end) const;
  // Roots that are asked for later become cheap. By the thread that appends only.
  void hash_tiles();
  // Made up to date when it is asked: most tails are sealed without a search. By the thread that appends only.
  [[nodiscard]] const TailIndex& index() const;
  // Of the entries that are no events, ascending.
  [[nodiscard]] std::span<const uint32_t> record_rows() const { return record_rows_; }
  [[nodiscard]] uint64_t signed_size() const { return signed_size_; }
  // Bytes of an unacknowledged batch that open() found behind the last whole one.
  [[nodiscard]] uint64_t torn_bytes() const { return torn_bytes_; }

 private:
  // Small batches grow the file by this much at a time, so that a sync seldom has to record new blocks. For large ones
  // that is nothing beside their data, and zeros would double it.
  static constexpr uint64_t kGrowBytes = 4 << 20;
  static constexpr uint64_t kLargeBytes = 256 << 10;
  // What write_ahead() writes begins and ends at these, so that no page goes to the disk twice.
  static constexpr uint64_t kPageBytes = 4'096;

  explicit OpenTail(uint64_t first_index) : first_index_(first_index) {}
  Status read(Bytes content);
  Status write(const TailBatch& batch);

  uint64_t first_index_;
  std::unique_ptr<os::File> file_;
  uint64_t last_batch_ = 0;  // offset of the last batch that open() found
  uint64_t end_ = 0;         // behind the last whole batch
  uint64_t allocated_ = 0;   // size of the file
  uint64_t previous_ = 0;    // checksum that the next batch names
  uint64_t signed_size_ = 0;
  uint64_t torn_bytes_ = 0;
  uint64_t ahead_begin_ = 0;  // of the batch to come: what write_ahead() wrote of its bytes, up to ahead_end_
  uint64_t ahead_end_ = 0;
  std::deque<Bytes> memory_;
  std::vector<ByteView> entries_;
  std::vector<Hash> leaves_;      // of the entries, and of those that are being appended
  std::vector<Hash> tile_roots_;  // of the first tiles, as far as hash_tiles() went
  std::vector<ByteView> arriving_;
  // Keys of entries_, of which the first `indexed_` are in the index.
  std::vector<TailBatch::Key> keys_;
  mutable size_t indexed_ = 0;
  mutable std::optional<TailIndex> index_;
  std::vector<uint32_t> record_rows_;
};

}  // namespace weerbaar::trail

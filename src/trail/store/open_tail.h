// The entries of one segment-to-be: durable in a tail file, and at hand in memory.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
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

// Entries to append, encoded: `payload` holds each behind its length in two bytes, big-endian.
struct TailBatch {
  struct Key {
    uint64_t hash;
    uint32_t entry;  // within the batch
  };
  Bytes payload;
  std::vector<uint32_t> lengths;  // of the entries
  std::vector<Key> keys;          // what the entries can be found by

  [[nodiscard]] size_t count() const { return lengths.size(); }
};

// Not thread-safe; immutable, and then safe to read from any thread, once full().
class OpenTail {
 public:
  // Makes an empty tail; durable when it returns.
  static Result<std::unique_ptr<OpenTail>> create(os::FileSystem& files, const std::string& directory,
                                                  uint64_t first_index);
  // Reads a tail and changes nothing. kCorrupt when acknowledged entries are damaged.
  static Result<std::unique_ptr<OpenTail>> open(os::FileSystem& files, const std::string& directory,
                                                uint64_t first_index, bool writable);
  // After open() with `writable` and before the first append(): what a crash tore off is cut away, and what is left is
  // durable when this returns. Before, it need not be: an earlier process may have failed to sync its last batch, or
  // the name of the file, and the system then shows what the disk does not hold.
  Status recover(os::FileSystem& files, const std::string& directory);

  // Returns when the batch is durable (one write, one sync). After an error the tail must not be used any more: what is
  // on disk is uncertain until it is opened again. Takes the payload over.
  Status append(TailBatch batch, uint64_t signed_size);

  [[nodiscard]] uint64_t first_index() const { return first_index_; }
  [[nodiscard]] uint64_t size() const { return entries_.size(); }
  [[nodiscard]] bool full() const { return entries_.size() == kSegmentEntries; }
  [[nodiscard]] std::span<const ByteView> entries() const { return entries_; }
  [[nodiscard]] std::span<const Hash> leaves() const { return leaves_; }
  [[nodiscard]] const TailIndex& index() const { return index_; }
  [[nodiscard]] uint64_t signed_size() const { return signed_size_; }
  // Bytes of an unacknowledged batch that open() found behind the last whole one.
  [[nodiscard]] uint64_t torn_bytes() const { return torn_bytes_; }

 private:
  // The file grows by this much at a time, so that a sync seldom has to record new blocks.
  static constexpr uint64_t kGrowBytes = 4 << 20;

  explicit OpenTail(uint64_t first_index) : first_index_(first_index) {}
  Status read(Bytes content);

  uint64_t first_index_;
  std::unique_ptr<os::File> file_;
  uint64_t last_batch_ = 0;  // offset of the last batch that open() found
  uint64_t end_ = 0;         // behind the last whole batch
  uint64_t allocated_ = 0;   // size of the file
  uint64_t previous_ = 0;    // checksum that the next batch names
  uint64_t signed_size_ = 0;
  uint64_t torn_bytes_ = 0;
  std::deque<Bytes> memory_;
  std::vector<ByteView> entries_;
  std::vector<Hash> leaves_;
  TailIndex index_;
};

}  // namespace weerbaar::trail

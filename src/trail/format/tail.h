// A tail file, read: the write-ahead log of the entries that are not sealed yet. docs/formats/tail.md.
//
// A file holds the entries of one segment-to-be in batches. A batch was acknowledged only after it was synced whole,
// and one batch at a time is under way, so at most the last one can be torn.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace weerbaar::trail {

inline constexpr size_t kTailHeadBytes = 64;   // of the file
inline constexpr size_t kBatchHeadBytes = 64;  // of each batch; a batch is padded to a multiple of 8 bytes
inline constexpr uint32_t kTailVersion = 1;

struct BatchHead {
  uint32_t count = 0;           // entries
  uint64_t first_index = 0;     // of the first
  uint64_t payload_length = 0;  // without padding: `count` times a big-endian 16-bit length and an entry
  uint64_t signed_size = 0;     // the largest tree size signed before this batch
  uint64_t previous = 0;        // checksum of the head of the batch before, or of the file
  uint64_t payload_checksum = 0;
};

// XXH3-64 over all of a head but its own checksum, as stored in its last 8 bytes.
std::array<uint8_t, kTailHeadBytes> write_tail_head(uint64_t first_index);
std::array<uint8_t, kBatchHeadBytes> write_batch_head(const BatchHead& head);
uint64_t head_checksum(ByteView head);
constexpr uint64_t padded(uint64_t length) {
  return (length + 7) / 8 * 8;
}

enum class TailEnd {
  kClean,   // zeros, or nothing, follow the last whole batch
  kTorn,    // a batch that was never acknowledged follows in part
  kBroken,  // whole batches follow something that is none: acknowledged entries are damaged
};

struct TailContent {
  uint64_t first_index = 0;
  std::vector<ByteView> entries;  // into the file
  uint64_t signed_size = 0;       // largest that any batch names
  uint64_t last_batch = 0;        // offset of the last whole batch, or of the head of the file when there is none
  uint64_t end = 0;               // offset behind the last whole batch
  uint64_t last_checksum = 0;     // that the next batch names as `previous`
  uint64_t torn_bytes = 0;        // from `end` to the last byte that is not zero
  TailEnd how = TailEnd::kClean;
  std::string problem;  // for kBroken: what, and where
};

// kCorrupt when the head of the file is not that of a tail. A file that ends in its head, or holds zeros in it or zeros
// only behind it, is one whose making was cut off: it has no entries, and `how` is kTorn.
Result<TailContent> read_tail(ByteView file);

}  // namespace weerbaar::trail

// Writes an index file (docs/formats/index.md) from its keys in order, a block at a time.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/exact_divisor.h"
#include "trail/format/index_block.h"
#include "trail/format/index_layout.h"
#include "trail/format/index_leaves.h"

namespace weerbaar::trail {

// What must be known of a file before its keys.
struct IndexFacts {
  uint64_t first = 0;  // entries [first, end)
  uint64_t end = 0;
  uint64_t scale = 1;  // every time is a multiple of so many microseconds
  bool has_nanos = false;
  uint64_t actors = 0;         // keys of actors
  std::vector<int64_t> times;  // index_time_samples() of them, in units of scale
};

// Holds in memory what is not taken, the postings of a block, and about 10 bytes a key. Not thread-safe.
class IndexFileWriter {
 public:
  explicit IndexFileWriter(IndexFacts facts);

  // Starts a key, behind all before it. The postings of each follow, at least one, ascending.
  void begin(ByteView key);
  void add(const IndexPosting& posting) { postings_.push_back(posting); }

  // Bytes of the file behind its head and what was taken before; take() removes them.
  [[nodiscard]] size_t ready() const { return blocks_.size(); }
  [[nodiscard]] Bytes take() { return std::exchange(blocks_, {}); }
  // Writes the last block and the parts behind the blocks. Call take() after it, once more.
  std::array<uint8_t, kIndexHeadBytes> finish();

 private:
  struct Code {
    uint64_t distance;  // to the posting before; of the first, its offset
    uint64_t time;      // of subjects
  };
  struct Counts;

  void add_period(uint16_t period);
  void write_block();
  IndexOrders make_codes();
  size_t write_postings(const IndexOrders& orders, size_t slot, size_t used);
  [[nodiscard]] ByteView key_at(size_t slot) const;
  [[nodiscard]] std::pair<size_t, size_t> postings_of(size_t slot) const;
  void add_part(IndexPart part, ByteView bytes);

  IndexHead head_;
  IndexShape shape_;
  ExactDivisor scale_;
  // The block at hand.
  Bytes keys_;
  std::vector<size_t> key_begin_;
  std::vector<size_t> posting_begin_;
  std::vector<IndexPosting> postings_;
  std::vector<Code> codes_;
  unsigned near_bits_ = 0;  // of actors and records, distances of at most so many bits are near
  IndexLeaves leaves_;
  Bytes scratch_;
  // Of the file.
  Bytes blocks_;
  uint64_t blocks_bytes_ = 0;
  Bytes fences_;
  std::vector<Hash> roots_;
  std::vector<uint64_t> hashes_;
  std::vector<uint16_t> periods_;
};

}  // namespace weerbaar::trail

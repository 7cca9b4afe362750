// What the reader and the writer of index files must agree on: the head, the prediction of times, the size of things.
// docs/formats/index.md.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "trail/format/index_key.h"
#include "trail/format/segment.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

inline constexpr std::array<uint8_t, 8> kIndexMagic = {'W', 'B', 'I', 'N', 'D', 'E', 'X', 'F'};
inline constexpr uint32_t kIndexVersion = 1;
inline constexpr uint32_t kIndexHasNanos = 1;  // a flag of the head: some event has nanoseconds
inline constexpr size_t kIndexHeadBytes = 200;
inline constexpr size_t kIndexBlockKeys = 64;  // a power of two: then a block is a subtree
inline constexpr size_t kIndexFenceBytes = 24;
inline constexpr size_t kIndexFencePrefixBytes = 16;
// A block: checksum, three orders, varint; see below.
inline constexpr size_t kIndexBlockHeadBytes = 8 + 3;
inline constexpr uint64_t kIndexTimeStep = 256;  // entries between two sampled times
inline constexpr unsigned kIndexNanosBits = 10;
// No file covers more: their numbers must fit in the bits of postings.
inline constexpr uint64_t kIndexEntriesMax = uint64_t{1} << 32U;

// The parts of the file behind its head, in this order and without gaps.
enum class IndexPart : uint8_t { kBlocks, kFences, kRoots, kTimes, kPeriods, kFilter };
inline constexpr size_t kIndexParts = 6;

struct IndexPartPlace {
  uint64_t length = 0;
  uint64_t checksum = 0;  // XXH3-64; zero for blocks (each has its own) and roots (they prove themselves)
};

struct IndexHead {
  uint64_t first = 0;  // entries [first, end)
  uint64_t end = 0;
  uint64_t subjects = 0;  // keys of each kind
  uint64_t actors = 0;
  uint64_t records = 0;
  uint64_t scale = 1;  // in microseconds: every time is a multiple of it
  bool has_nanos = false;
  Hash root{};
  std::array<IndexPartPlace, kIndexParts> parts;

  [[nodiscard]] uint64_t entries() const { return end - first; }
  [[nodiscard]] uint64_t keys() const { return subjects + actors + records; }
  [[nodiscard]] uint64_t blocks() const { return (keys() + kIndexBlockKeys - 1) / kIndexBlockKeys; }
  [[nodiscard]] KeyKind kind_of(uint64_t position) const {
    if (position < subjects) return KeyKind::kSubject;
    return position < subjects + actors ? KeyKind::kActor : KeyKind::kRecord;
  }
};

std::array<uint8_t, kIndexHeadBytes> write_index_head(const IndexHead& head);
// kCorrupt when it is no head, is damaged, or says what cannot be.
Result<IndexHead> read_index_head(ByteView file);

// Hashes stored over the blocks, level by level: the roots of the blocks, then of each 64 of the level below, down to
// the first level of at most 64.
std::vector<uint64_t> index_root_levels(uint64_t blocks);

// Where the samples of the times of a run of 65,536 entries, or of what there is of it, begin; how many there are.
constexpr uint64_t index_time_samples(uint64_t entries) {
  const uint64_t rest = entries % kSegmentEntries;
  return entries / kSegmentEntries * (kSegmentEntries / kIndexTimeStep + 1) +
         (rest == 0 ? 0 : (rest + kIndexTimeStep - 1) / kIndexTimeStep + 1);
}
constexpr uint64_t index_time_sample(uint64_t offset) {
  return offset / kSegmentEntries * (kSegmentEntries / kIndexTimeStep + 1) + offset % kSegmentEntries / kIndexTimeStep;
}

// What a posting is decoded with, and encoded.
struct IndexShape {
  uint64_t first = 0;
  uint64_t entries = 0;
  uint64_t actors = 0;
  unsigned offset_bits = 0;
  unsigned actor_bits = 0;
  uint64_t scale = 1;
  bool has_nanos = false;
  int64_t time_min = 0;  // in units of `scale`
  int64_t time_max = 0;
  std::vector<int64_t> times;  // sampled, in units of `scale`, each within the years that a Time covers

  static IndexShape of(const IndexHead& head, std::vector<int64_t> times);

  // The time that the entry at `offset` would have, were they spread evenly between two samples; in units of `scale`.
  [[nodiscard]] int64_t predict(uint64_t offset) const {
    const int64_t* const sample = times.data() + index_time_sample(offset);
    const int64_t step = sample[1] - sample[0];
    const auto part = static_cast<int64_t>(offset % kIndexTimeStep);
    static_assert(kIndexTimeStep == 256);
    return sample[0] + (step >> 8U) * part + (((step & 0xFF) * part) >> 8U);
  }
};

// The orders of the exponential Golomb codes in a block.
struct IndexOrders {
  unsigned near = 0;  // of the distance to the posting before: of the same actor, or flagged as near
  unsigned far = 0;   // of other distances
  unsigned time = 0;
};

struct IndexPosting {
  uint64_t index = 0;
  Time time;           // of postings of subjects only, like the actor
  uint32_t actor = 0;  // rank among the actors of the file

  bool operator==(const IndexPosting&) const = default;
};

constexpr uint64_t zigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1U ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1U) ^ -static_cast<int64_t>(value & 1U);
}

// The first 16 bytes of a key, zeros behind a shorter one, as numbers in the same order.
struct IndexPrefix {
  uint64_t high = 0;
  uint64_t low = 0;

  static IndexPrefix of(ByteView key);
  auto operator<=>(const IndexPrefix&) const = default;
};

// LEB128: seven bits a byte, the lowest first, the highest bit set in all but the last.
void append_varint(Bytes& out, uint64_t value);
// Moves `bytes` past it; false when it does not end, or says more than 64 bits hold.
bool take_varint(ByteView& bytes, uint64_t& value);

}  // namespace weerbaar::trail

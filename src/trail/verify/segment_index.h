// What an index over one part of the trail must say, recomputed from its entries: who and what occurs where.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "trail/format/index_key.h"
#include "trail/format/index_layout.h"
#include "trail/format/segment.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

// About 3 MB for real events. Hostile ones, canonical though they may be, can make one of gigabytes from a small file.
inline constexpr uint64_t kSegmentIndexBytesMax = uint64_t{512} << 20U;

// Immutable, and safe to read from several threads.
class SegmentIndex {
 public:
  // Of a segment whose tables ascend and whose entries are canonical, as trail/verify/segment_entries.h proves. Null
  // when it would take more than `bytes_max` of memory.
  static std::unique_ptr<const SegmentIndex> of(const Segment& segment, uint64_t bytes_max = kSegmentIndexBytesMax);
  // Of canonical entries from `first_index` on, at most kSegmentEntries. Made in another way, slower and obvious.
  static std::unique_ptr<const SegmentIndex> of(uint64_t first_index, std::span<const ByteView> entries,
                                                uint64_t bytes_max = kSegmentIndexBytesMax);

  [[nodiscard]] uint64_t first_index() const { return first_index_; }
  [[nodiscard]] uint64_t entries() const { return entries_; }
  [[nodiscard]] uint64_t end() const { return first_index_ + entries_; }
  // What it takes of memory.
  [[nodiscard]] uint64_t bytes() const;

  // Keys, ascending: those of subjects, then of actors, then of records.
  [[nodiscard]] uint64_t keys() const { return prefixes_.size(); }
  [[nodiscard]] ByteView key(uint64_t i) const {
    return ByteView(key_bytes_).subspan(key_begins_[i], key_begins_[i + 1] - key_begins_[i]);
  }
  [[nodiscard]] const IndexPrefix& prefix(uint64_t i) const { return prefixes_[i]; }
  [[nodiscard]] uint64_t actors_begin() const { return actors_begin_; }
  [[nodiscard]] uint64_t actors_end() const { return actors_end_; }

  // The postings of a key, ascending.
  struct Postings {
    std::span<const uint16_t> rows;  // counted from the first entry
    // Of a subject only; nanoseconds only when some event has any.
    std::span<const int64_t> micros;
    std::span<const uint16_t> nanos;
    std::span<const uint16_t> actors;  // counted from the first actor

    [[nodiscard]] Time time(size_t i) const { return {micros[i], nanos.empty() ? uint16_t{0} : nanos[i]}; }
  };
  [[nodiscard]] Postings postings(uint64_t key) const;
  // Those among the first `entries` rows.
  [[nodiscard]] Postings postings(uint64_t key, uint64_t entries) const;

  // The leaf hash of each key, with all its postings, in the tree over an index of this part: the same in that over a
  // longer run of parts when the key occurs in no other.
  [[nodiscard]] std::span<const Hash> leaves() const { return leaves_; }
  // Writes postings of this part in their hashed form, hashed_bytes() of them, and returns where they end.
  static size_t hashed_bytes(const Postings& postings);
  uint8_t* write_hashed(const Postings& postings, uint8_t* to) const;

  // Says that keys behind this one will be wanted soon, with their postings and leaves. A merge reads from more places
  // at a time than a processor watches by itself.
  void prefetch(uint64_t key) const;

  // The periods of the events among the first `entries` rows, ascending.
  [[nodiscard]] std::vector<uint16_t> periods(uint64_t entries) const;

 private:
  friend class SegmentIndexMaker;
  friend class EntryIndexMaker;

  SegmentIndex() = default;
  void begin_key(ByteView key);
  // The same when the key stands at the end of key_bytes_ already.
  void end_key_bytes();
  void end_key() { posting_begins_.push_back(static_cast<uint32_t>(rows_.size())); }
  void hash_leaves();

  uint64_t first_index_ = 0;
  uint64_t entries_ = 0;
  Bytes key_bytes_;
  std::vector<uint32_t> key_begins_ = {0};  // of each key, and one more
  std::vector<IndexPrefix> prefixes_;
  std::vector<uint32_t> posting_begins_ = {0};  // of each key, and one more
  std::vector<uint16_t> rows_;                  // of all postings
  std::vector<int64_t> micros_;                 // of those of subjects, which come first, like the next two
  std::vector<uint16_t> nanos_;
  std::vector<uint16_t> actors_;
  std::vector<Hash> leaves_;
  uint64_t actors_begin_ = 0;
  uint64_t actors_end_ = 0;
  // Each period with the first row of an event of it.
  std::vector<std::pair<uint16_t, uint32_t>> periods_;
};

}  // namespace weerbaar::trail

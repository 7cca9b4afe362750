// The keys of several recomputed indexes in one ascending order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trail/verify/segment_index.h"

namespace weerbaar::trail {

// Not thread-safe. A tree of losers: a step costs one comparison a level, nearly always of two numbers.
class KeyMerge {
 public:
  enum class Keys : uint8_t { kAll, kActors };
  // `parts` follow each other and outlive it; of the last one, only the entries before `end` count.
  KeyMerge(std::span<const SegmentIndex* const> parts, uint64_t end, Keys keys);

  // False behind the last key.
  bool next();
  [[nodiscard]] ByteView key() const { return key_; }
  [[nodiscard]] const IndexPrefix& prefix() const { return prefix_; }
  [[nodiscard]] KeyKind kind() const { return static_cast<KeyKind>(key_[0]); }
  // Where it occurs, in the order of the parts.
  struct Source {
    uint32_t part;
    uint32_t key;
  };
  [[nodiscard]] std::span<const Source> sources() const { return sources_; }
  [[nodiscard]] SegmentIndex::Postings postings(const Source& source) const {
    return parts_[source.part]->postings(source.key, entries_of(source.part));
  }
  // Whether those are all the postings of the key in the part.
  [[nodiscard]] bool is_whole(const Source& source) const {
    return postings(source).rows.size() == parts_[source.part]->postings(source.key).rows.size();
  }

 private:
  // The key at which a part stands.
  struct Head {
    IndexPrefix prefix;
    uint32_t key = 0;
    bool ended = false;
  };

  [[nodiscard]] uint64_t entries_of(uint32_t part) const {
    return part + 1 == parts_.size() ? entries_of_last_ : kSegmentEntries;
  }
  [[nodiscard]] bool comes_first(uint32_t a, uint32_t b) const;
  [[nodiscard]] bool comes_first_in_full(uint32_t a, uint32_t b) const;
  [[nodiscard]] bool is_at_key(uint32_t part) const;
  void settle(uint32_t part);
  void advance(uint32_t part);
  uint32_t play(uint32_t node);

  std::span<const SegmentIndex* const> parts_;
  uint64_t entries_of_last_;
  std::vector<uint32_t> ends_;    // of the keys of each part
  std::vector<Head> heads_;       // of each part
  std::vector<uint32_t> losers_;  // of each match: node n was played by the winners of nodes 2n and 2n + 1
  uint32_t winner_ = 0;
  ByteView key_;
  IndexPrefix prefix_;
  std::vector<Source> sources_;
};

}  // namespace weerbaar::trail

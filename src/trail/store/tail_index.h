// Where a key (trail/format/filter.h) occurs among the entries of a tail. Grows at its end only.
#pragma once

#include <cstdint>
#include <vector>

namespace weerbaar::trail {

class TailIndex {
 public:
  TailIndex() : heads_(kBuckets, kNone) {}

  void add(uint64_t hash, uint32_t row) {
    uint32_t& head = heads_[hash % kBuckets];
    items_.push_back({hash, row, head});
    head = static_cast<uint32_t>(items_.size() - 1);
  }

  // Rows whose entry may have this key, latest first; a row may come more than once.
  template <class Visit>
  void find(uint64_t hash, Visit visit) const {
    for (uint32_t at = heads_[hash % kBuckets]; at != kNone; at = items_[at].next) {
      if (items_[at].hash == hash) visit(items_[at].row);
    }
  }

 private:
  static constexpr uint32_t kBuckets = 1U << 17U;
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Item {
    uint64_t hash;
    uint32_t row;
    uint32_t next;
  };

  std::vector<uint32_t> heads_;
  std::vector<Item> items_;
};

}  // namespace weerbaar::trail

// The distinct values of a column, numbered as they come: a code for each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace weerbaar::trail {

// `Value` is cheap to copy, and compared with == and <. Grows without end: its user bounds the rows.
template <class Value>
class ValueTable {
 public:
  // The code of the value, whose hash is that of all equal values.
  uint32_t code(uint64_t hash, const Value& value) {
    if (values_.size() * 2 >= slots_.size()) grow();
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.code == kNone) {
        slots_[at] = {hash, static_cast<uint32_t>(values_.size())};
        values_.push_back(value);
        return slots_[at].code;
      }
      if (slot.hash == hash && values_[slot.code] == value) return slot.code;
    }
  }

  // Puts the values in ascending order and gives the new code for each old one. No code() afterwards.
  std::vector<uint32_t> sort() {
    std::vector<uint32_t> order(values_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) { return values_[a] < values_[b]; });
    std::vector<uint32_t> renumbered(order.size());
    std::vector<Value> sorted;
    sorted.reserve(order.size());
    for (uint32_t rank = 0; rank < order.size(); ++rank) {
      renumbered[order[rank]] = rank;
      sorted.push_back(values_[order[rank]]);
    }
    values_ = std::move(sorted);
    slots_.clear();
    return renumbered;
  }

  // By code.
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Slot {
    uint64_t hash = 0;
    uint32_t code = kNone;
  };

  void grow() {
    std::vector<Slot> old(std::max<size_t>(1'024, slots_.size() * 2));
    std::swap(old, slots_);
    for (const Slot& slot : old) {
      if (slot.code == kNone) continue;
      size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].code != kNone) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::vector<Value> values_;
};

}  // namespace weerbaar::trail

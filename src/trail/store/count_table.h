// Events counted by combinations of the numbers of count_part.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "trail/store/count_part.h"

namespace weerbaar::trail {

// The number of each part, by origin.
using CountKey = std::array<uint32_t, kOrigins>;

struct CountCell {
  CountKey key{};
  uint64_t events = 0;  // 0: the cell is free
};

// A table of cells in one piece of memory: each count of a segment looks up a few thousand of them.
class CountTable {
 public:
  CountTable() : cells_(kCellsMin) {}

  // `events` > 0.
  void add(const CountKey& key, uint64_t events) {
    size_t at = hash_of(key) & (cells_.size() - 1);
    while (cells_[at].events != 0 && !is_same(cells_[at].key, key)) at = (at + 1) & (cells_.size() - 1);
    if (cells_[at].events == 0) {
      cells_[at].key = key;
      ++used_;
    }
    cells_[at].events += events;
    if (used_ * 2 > cells_.size()) grow();
  }
  // In any order.
  [[nodiscard]] std::vector<CountCell> cells() const;

 private:
  static constexpr size_t kCellsMin = 4'096;  // a power of two, as every size is

  // In place of the comparison of arrays, which is a call.
  static bool is_same(const CountKey& a, const CountKey& b) {
    uint32_t differing = 0;
    for (size_t origin = 0; origin < kOrigins; ++origin) differing |= a[origin] ^ b[origin];
    return differing == 0;
  }
  // Applications that follow each other lie beside each other: they are counted one after the other.
  static size_t hash_of(const CountKey& key) {
    constexpr unsigned kTogetherBits = 4;
    constexpr auto kApplication = static_cast<size_t>(Origin::kApplication);
    const uint32_t application = key[kApplication] >> kTogetherBits;
    const uint64_t one = (uint64_t{key[0]} << 32U | application) * 0x9E3779B97F4A7C15U;
    const uint64_t two = (uint64_t{key[2]} << 32U | key[3]) * 0xC2B2AE3D27D4EB4FU;
    const uint64_t hash = (one ^ two ^ key[4]) * 0x9E3779B97F4A7C15U;
    const uint64_t within = key[kApplication] - (application << kTogetherBits);
    return static_cast<size_t>((hash ^ (hash >> 32U)) << kTogetherBits | within);
  }
  void grow();

  std::vector<CountCell> cells_;
  size_t used_ = 0;
};

// The cells as groups, in ascending order of their values: cells whose values are equal are put together. `parts` are
// by origin, and gave the numbers.
std::vector<CountGroup> groups_of(const CountQuery& query, std::span<const CountPart* const> parts,
                                  std::span<const CountCell> cells);

}  // namespace weerbaar::trail

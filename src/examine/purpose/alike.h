// Accesses that rules cannot tell apart but by their moment. An official who opens a file makes several of them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "examine/purpose/access.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose {

// What rules ask of an access. They always ask for the subjects.
struct Asked {
  std::array<bool, kProperties> properties{};
  uint32_t bits = 0;  // of bits_of() an access
};

// Groups of accesses that are alike, numbered by their first ones. Keeps its memory for the next accesses.
class AlikeAccesses {
 public:
  void group(std::span<const Access> accesses, const Asked& asked);

  // The first access of each group.
  [[nodiscard]] std::span<const uint32_t> firsts() const { return firsts_; }
  // The group of each access.
  [[nodiscard]] std::span<const uint32_t> groups() const { return groups_; }

 private:
  // Open addressed.
  struct Slot {
    uint32_t mark = 0;      // the upper half of the hash
    uint32_t group_up = 0;  // the number of the group and one; 0: free
  };

  template <class IsSame>
  uint32_t group_of(uint32_t access, uint64_t hash, const IsSame& is_same);

  std::vector<Slot> slots_;  // a power of two
  std::vector<uint32_t> firsts_;
  std::vector<uint32_t> groups_;
};

}  // namespace weerbaar::purpose

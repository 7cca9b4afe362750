// Strong<Tag>: an unsigned 64-bit number that does not mix with other numbers: an index is not a count.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace weerbaar {

template <class Tag>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(uint64_t value) : value_(value) {}
  [[nodiscard]] constexpr uint64_t value() const { return value_; }
  constexpr auto operator<=>(const Strong&) const = default;

 private:
  uint64_t value_ = 0;
};

// Position of an entry in the trail, from 0.
using EntryIndex = Strong<struct EntryIndexTag>;
// Number of entries in a tree: the size in a checkpoint.
using TreeSize = Strong<struct TreeSizeTag>;
// Number of a sealed segment, from 0.
using SegmentNumber = Strong<struct SegmentNumberTag>;

constexpr EntryIndex operator+(EntryIndex index, uint64_t distance) {
  return EntryIndex(index.value() + distance);
}
constexpr bool operator<(EntryIndex index, TreeSize size) {
  return index.value() < size.value();
}

}  // namespace weerbaar

template <class Tag>
struct std::hash<weerbaar::Strong<Tag>> {
  size_t operator()(weerbaar::Strong<Tag> id) const noexcept { return std::hash<uint64_t>{}(id.value()); }
};

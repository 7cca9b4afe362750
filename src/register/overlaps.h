// Which rows of one key overlap an earlier one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weerbaar::facts {

// From one moment until before another, which is later.
struct Span {
  int64_t from = 0;
  int64_t to = 0;
};

inline constexpr size_t kNoOverlap = SIZE_MAX;
// For each span the first of those before it in the list that it overlaps, or kNoOverlap. Takes the time of n log n,
// however they overlap, and some 100 bytes a span.
std::vector<size_t> first_overlaps(std::span<const Span> spans);

}  // namespace weerbaar::facts

// A set of whole numbers, as the ranges that it is made of.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weerbaar {

struct NumberRange {
  uint64_t from = 0;
  uint64_t to = 0;  // included

  auto operator<=>(const NumberRange&) const = default;
};

class NumberSet {
 public:
  // The range must not be backwards.
  void add(const NumberRange& range);
  void remove(const NumberRange& range);

  [[nodiscard]] bool contains(uint64_t number) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  // How many numbers; UINT64_MAX when there are more.
  [[nodiscard]] uint64_t count() const;
  // In ascending order; between two of them at least one number is missing.
  [[nodiscard]] const std::vector<NumberRange>& ranges() const { return ranges_; }

  [[nodiscard]] NumberSet common(const NumberSet& other) const;
  [[nodiscard]] NumberSet without(const NumberSet& other) const;

  bool operator==(const NumberSet&) const = default;

 private:
  using Place = std::vector<NumberRange>::const_iterator;
  // The first range that ends at `number` or behind it.
  [[nodiscard]] Place find(uint64_t number) const;

  std::vector<NumberRange> ranges_;
};

// UINT64_MAX instead of more.
uint64_t add_up(uint64_t a, uint64_t b);

}  // namespace weerbaar

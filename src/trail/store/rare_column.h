// The values of a field that most rows do not have, while a segment is made: what is not there costs nothing.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace weerbaar::trail {

// Rows that were not set have the value Value().
template <class Value>
class RareColumn {
 public:
  // `row` is above all that were set before.
  void set(size_t row, const Value& value) {
    if (value == Value()) return;
    if (values_.empty()) values_.reserve(kRowsMax);
    values_.resize(row);
    values_.push_back(value);
  }

  // Of `rows` rows, row i at place[i]; one row when none was set, which any encoding takes for a column of that value.
  [[nodiscard]] std::vector<Value> placed(std::span<const uint32_t> place) const {
    if (values_.empty()) return {Value()};
    std::vector<Value> ordered(place.size());
    for (size_t row = 0; row < values_.size(); ++row) ordered[place[row]] = values_[row];
    return ordered;
  }
  // The same in the order of rows.
  [[nodiscard]] std::vector<Value> in_order(size_t rows) const {
    if (values_.empty()) return {Value()};
    std::vector<Value> ordered = values_;
    ordered.resize(rows);
    return ordered;
  }

 private:
  static constexpr size_t kRowsMax = 65'536;

  std::vector<Value> values_;
};

}  // namespace weerbaar::trail

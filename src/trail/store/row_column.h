// The values of one field, row after row, while a segment is made. Most fields have one value in all rows: that costs
// no memory until another one comes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace weerbaar::trail {

template <class Value>
class RowColumn {
 public:
  void add(const Value& value) {
    if (values_.empty()) {
      if (rows_ == 0) first_ = value;
      if (value == first_) {
        ++rows_;
        return;
      }
      values_.reserve(rows_max_);
      values_.assign(rows_, first_);
    }
    values_.push_back(value);
    ++rows_;
  }

  [[nodiscard]] size_t rows() const { return rows_; }
  // All rows; one row where all have the same value, which any encoding takes for a column of that value.
  [[nodiscard]] std::span<const Value> values() const {
    return values_.empty() ? std::span<const Value>(&first_, rows_ == 0 ? 0 : 1) : std::span<const Value>(values_);
  }
  // The same with row i at place[i].
  template <class Place>
  [[nodiscard]] std::vector<Value> placed(std::span<const Place> place) const {
    if (values_.empty()) return {first_};
    std::vector<Value> ordered(values_.size());
    for (size_t row = 0; row < values_.size(); ++row) ordered[place[row]] = values_[row];
    return ordered;
  }

 private:
  static constexpr size_t rows_max_ = 65'536;

  size_t rows_ = 0;
  Value first_{};
  std::vector<Value> values_;  // empty while all are equal
};

}  // namespace weerbaar::trail

// A set of persons that is right about nearly all: a scalable Bloom filter (Almeida, Baquero, Preguica, Hutchison,
// 2007).
//
// Of a person that it does not hold it says otherwise in less than one in a hundred, never the other way round. Two to
// four bytes a person, 256 at least and 512 KiB at most, which is 260,000 persons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weerbaar::detect {

class PersonFilter {
 public:
  [[nodiscard]] bool has(uint64_t person) const;
  // Whether it did not have that person. One that is full takes nobody more in: that one is new each time; so does one
  // that would grow by more bytes than are left, which it takes off. `person` is a hash, spread over all 64 bits.
  bool add(uint64_t person, size_t& bytes_left);
  [[nodiscard]] bool empty() const { return layers_.empty(); }

 private:
  // Each twice as large as the one before; only the last one takes more in.
  std::vector<std::vector<uint64_t>> layers_;
  size_t room_ = 0;  // persons that the last layer still takes
};

// One for each employee, within so many bytes for all of them together.
class PersonFilters {
 public:
  explicit PersonFilters(size_t bytes_max) : bytes_max_(bytes_max), bytes_left_(bytes_max) {}

  [[nodiscard]] bool has(uint32_t employee, uint64_t person) const {
    return employee < filters_.size() && filters_[employee].has(person);
  }
  // As PersonFilter::add(): when all is used, a person is new each time.
  bool add(uint32_t employee, uint64_t person) {
    if (employee >= filters_.size()) filters_.resize(employee + 1);
    return filters_[employee].add(person, bytes_left_);
  }
  // Whether any person of that employee was taken in.
  [[nodiscard]] bool holds_any(uint32_t employee) const {
    return employee < filters_.size() && !filters_[employee].empty();
  }
  void clear() { *this = PersonFilters(bytes_max_); }

 private:
  size_t bytes_max_;
  size_t bytes_left_;
  std::vector<PersonFilter> filters_;  // by employee
};

}  // namespace weerbaar::detect

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
  bool add(uint64_t person) {
    size_t any = SIZE_MAX;
    return add(person, any);
  }
  [[nodiscard]] bool empty() const { return layers_.empty(); }
  void clear() { *this = PersonFilter(); }

 private:
  // Each twice as large as the one before; only the last one takes more in.
  std::vector<std::vector<uint64_t>> layers_;
  size_t room_ = 0;  // persons that the last layer still takes
};

}  // namespace weerbaar::detect

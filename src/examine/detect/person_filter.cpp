#include "examine/detect/person_filter.h"

#include <algorithm>

namespace weerbaar::detect {
namespace {

constexpr size_t kFirstWords = 32;
constexpr size_t kLayersMax = 11;  // 2^5 to 2^15 words
constexpr size_t kWordBits = 64;
// A layer that is full says "yes" to (1 - e^(-7 / 16))^7 = 0.07 % of those that it does not hold; eleven to 0.8 %.
constexpr unsigned kProbes = 7;
constexpr size_t kBitsOfPerson = 16;

// Double hashing (Kirsch, Mitzenmacher, 2006): the places of all probes from two halves of a hash.
template <class Take>
void each_place(uint64_t person, size_t words, const Take& take) {
  const uint64_t mask = words * kWordBits - 1;
  const uint64_t step = person >> 32U | 1U;
  uint64_t place = person;
  for (unsigned probe = 0; probe < kProbes; ++probe, place += step) take((place & mask) / kWordBits, place % kWordBits);
}

bool is_in(const std::vector<uint64_t>& layer, uint64_t person) {
  bool all = true;
  each_place(person, layer.size(), [&](size_t word, uint64_t bit) { all = all && (layer[word] >> bit & 1U) != 0; });
  return all;
}

}  // namespace

bool PersonFilter::has(uint64_t person) const {
  return std::ranges::any_of(layers_, [&](const std::vector<uint64_t>& layer) { return is_in(layer, person); });
}

bool PersonFilter::add(uint64_t person, size_t& bytes_left) {
  if (has(person)) return false;
  if (room_ == 0) {
    const size_t words = kFirstWords << layers_.size();
    if (layers_.size() == kLayersMax || words * sizeof(uint64_t) > bytes_left) return true;
    bytes_left -= words * sizeof(uint64_t);
    layers_.emplace_back(words);
    room_ = words * kWordBits / kBitsOfPerson;
  }
  --room_;
  std::vector<uint64_t>& last = layers_.back();
  each_place(person, last.size(), [&](size_t word, uint64_t bit) { last[word] |= uint64_t{1} << bit; });
  return true;
}

}  // namespace weerbaar::detect

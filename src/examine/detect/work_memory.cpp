#include "examine/detect/work_memory.h"

#include <utility>

namespace weerbaar::detect {
namespace {

// Two places in a filter of 2^13 bits, from a hash.
std::pair<size_t, size_t> places_of(uint64_t subject) {
  constexpr uint64_t kMask = (1U << 13U) - 1;
  return {subject & kMask, subject >> 32U & kMask};
}

}  // namespace

bool WorkMemory::has(const std::vector<Filter>& filters, uint32_t employee, uint64_t subject) {
  if (employee >= filters.size()) return false;
  const auto [first, second] = places_of(subject);
  const Filter& filter = filters[employee];
  return (filter[first / 64] >> first % 64 & filter[second / 64] >> second % 64 & 1U) != 0;
}

void WorkMemory::learn(uint32_t employee, uint64_t subject) {
  if (employee >= now_.size()) now_.resize(employee + 1);
  const auto [first, second] = places_of(subject);
  now_[employee][first / 64] |= uint64_t{1} << first % 64;
  now_[employee][second / 64] |= uint64_t{1} << second % 64;
}

void WorkMemory::end_of_period() {
  before_ = std::move(now_);
  now_.clear();
}

}  // namespace weerbaar::detect

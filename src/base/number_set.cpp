#include "base/number_set.h"

#include <algorithm>

namespace weerbaar {

uint64_t add_up(uint64_t a, uint64_t b) {
  return a + b < a ? UINT64_MAX : a + b;
}

NumberSet::Place NumberSet::find(uint64_t number) const {
  return std::ranges::lower_bound(ranges_, number, {}, &NumberRange::to);
}

void NumberSet::add(const NumberRange& range) {
  NumberRange whole = range;
  // Those that touch it become one with it.
  const Place first = find(range.from == 0 ? 0 : range.from - 1);
  Place last = first;
  while (last != ranges_.end() && (range.to == UINT64_MAX || last->from <= range.to + 1)) {
    whole.from = std::min(whole.from, last->from);
    whole.to = std::max(whole.to, last->to);
    ++last;
  }
  ranges_.insert(ranges_.erase(first, last), whole);
}

void NumberSet::remove(const NumberRange& range) {
  const Place first = find(range.from);
  Place last = first;
  std::vector<NumberRange> left;
  while (last != ranges_.end() && last->from <= range.to) {
    if (last->from < range.from) left.push_back({last->from, range.from - 1});
    if (last->to > range.to) left.push_back({range.to + 1, last->to});
    ++last;
  }
  const Place at = ranges_.erase(first, last);
  ranges_.insert(at, left.begin(), left.end());
}

bool NumberSet::contains(uint64_t number) const {
  const Place place = find(number);
  return place != ranges_.end() && place->from <= number;
}

uint64_t NumberSet::count() const {
  uint64_t count = 0;
  for (const NumberRange& range : ranges_) count = add_up(count, add_up(range.to - range.from, 1));
  return count;
}

NumberSet NumberSet::common(const NumberSet& other) const {
  NumberSet common;
  auto theirs = other.ranges_.begin();
  for (auto ours = ranges_.begin(); ours != ranges_.end() && theirs != other.ranges_.end();) {
    const NumberRange both{std::max(ours->from, theirs->from), std::min(ours->to, theirs->to)};
    if (both.from <= both.to) common.ranges_.push_back(both);
    if (ours->to < theirs->to) {
      ++ours;
    } else {
      ++theirs;
    }
  }
  return common;
}

NumberSet NumberSet::without(const NumberSet& other) const {
  NumberSet rest = *this;
  for (const NumberRange& range : other.ranges_) rest.remove(range);
  return rest;
}

}  // namespace weerbaar

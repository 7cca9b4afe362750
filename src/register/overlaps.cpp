#include "register/overlaps.h"

#include <algorithm>
#include <bit>

namespace weerbaar::facts {
namespace {

// A segment tree whose leaves are moments in order. A node holds the first span that was put over all of it, or the
// first that was put at one of its leaves.
class FirstTree {
 public:
  explicit FirstTree(size_t leaves) : leaves_(std::bit_ceil(leaves)), first_(2 * leaves_, kNoOverlap) {}

  // Spans are put in their order: what stands in a node already came before.
  void put_over(size_t begin, size_t end, size_t span) {
    for_range(begin, end, [&](size_t node) { first_[node] = std::min(first_[node], span); });
  }
  void put_at(size_t leaf, size_t span) {
    for (size_t node = leaves_ + leaf; node > 0 && first_[node] == kNoOverlap; node /= 2) first_[node] = span;
  }
  // The first that was put over this leaf.
  [[nodiscard]] size_t over(size_t leaf) const {
    size_t found = kNoOverlap;
    for (size_t node = leaves_ + leaf; node > 0; node /= 2) found = std::min(found, first_[node]);
    return found;
  }
  // The first that was put at one of these leaves.
  [[nodiscard]] size_t within(size_t begin, size_t end) const {
    size_t found = kNoOverlap;
    for_range(begin, end, [&](size_t node) { found = std::min(found, first_[node]); });
    return found;
  }

 private:
  // The nodes that together cover the leaves `begin` … `end` - 1.
  template <class Use>
  void for_range(size_t begin, size_t end, const Use& use) const {
    for (begin += leaves_, end += leaves_; begin < end; begin /= 2, end /= 2) {
      if (begin % 2 == 1) use(begin++);
      if (end % 2 == 1) use(--end);
    }
  }

  size_t leaves_;
  std::vector<size_t> first_;
};

}  // namespace

// Who overlaps a span is valid at its first moment, or begins within it.
std::vector<size_t> first_overlaps(std::span<const Span> spans) {
  std::vector<int64_t> moments;
  moments.reserve(2 * spans.size());
  for (const Span& span : spans) moments.insert(moments.end(), {span.from, span.to});
  std::ranges::sort(moments);
  moments.erase(std::ranges::unique(moments).begin(), moments.end());
  FirstTree valid(moments.size());
  FirstTree begins(moments.size());
  std::vector<size_t> found;
  found.reserve(spans.size());
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto place_of = [&](int64_t moment) {
      return static_cast<size_t>(std::ranges::lower_bound(moments, moment) - moments.begin());
    };
    const size_t from = place_of(spans[i].from);
    const size_t to = place_of(spans[i].to);
    found.push_back(std::min(valid.over(from), begins.within(from + 1, to)));
    valid.put_over(from, to, i);
    begins.put_at(from, i);
  }
  return found;
}

}  // namespace weerbaar::facts

#include "examine/trace/list_evidence.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "examine/trace/log_product.h"

namespace weerbaar::trace {

void ListEvidence::clear(size_t items) {
  items_ = items;
  added_.clear();
  readers_.clear();
  first_.clear();
  marks_.clear();
}

void ListEvidence::add(Reader reader, uint32_t item, double strength) {
  added_.push_back({reader, {item, strength}});
}

void ListEvidence::finish() {
  std::sort(added_.begin(), added_.end(), [](const Added& a, const Added& b) {
    return std::pair(a.reader, a.mark.item) < std::pair(b.reader, b.mark.item);
  });
  for (const Added& added : added_) {
    if (readers_.empty() || readers_.back() != added.reader) {
      readers_.push_back(added.reader);
      first_.push_back(marks_.size());
    }
    marks_.push_back(added.mark);
  }
  first_.push_back(marks_.size());
}

double log_ratio(std::span<const Mark> marks, size_t items, double part) {
  const double others = 1 - part;
  LogProduct product;
  for (const Mark& mark : marks) product.times(others + part * mark.strength);
  return product.log() + static_cast<double>(items - marks.size()) * std::log(others);
}

double score(std::span<const Mark> marks, size_t items, double elsewhere, unsigned leakers) {
  const auto of = [&](unsigned number) { return log_ratio(marks, items, (1 - elsewhere) / number); };
  double highest = of(1);
  for (unsigned number = 2; number <= leakers; ++number) highest = std::max(highest, of(number));
  double sum = 0;
  for (unsigned number = 1; number <= leakers; ++number) sum += std::exp(of(number) - highest);
  return highest + std::log(sum / leakers);
}

}  // namespace weerbaar::trace

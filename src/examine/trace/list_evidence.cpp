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

// By counting how many each reader has: control lists are drawn by the thousand.
void ListEvidence::finish() {
  for (const Added& added : added_) {
    if (added.reader >= next_.size()) next_.resize(added.reader + 1, 0);
    if (next_[added.reader]++ == 0) readers_.push_back(added.reader);
  }
  std::sort(readers_.begin(), readers_.end());
  size_t first = 0;
  for (const Reader reader : readers_) {
    first_.push_back(first);
    first += std::exchange(next_[reader], static_cast<uint32_t>(first));
  }
  first_.push_back(first);
  marks_.resize(first);
  for (const Added& added : added_) marks_[next_[added.reader]++] = added.mark;
  for (const Reader reader : readers_) next_[reader] = 0;
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

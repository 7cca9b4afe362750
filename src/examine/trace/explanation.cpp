#include "examine/trace/explanation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "examine/trace/log_product.h"

namespace weerbaar::trace {
namespace {

// Rounds of exchanging members; each must help, so that there are hardly ever more than two.
constexpr unsigned kExchangesMax = 8;

// The readers considered, with the strength of each for every item.
class Candidates {
 public:
  Candidates(const ListEvidence& evidence, double elsewhere);

  using Group = std::vector<size_t>;  // places

  [[nodiscard]] size_t size() const { return readers_.size(); }
  [[nodiscard]] Reader reader(size_t place) const { return readers_[place]; }
  [[nodiscard]] Group best_pair() const;
  // The best group of one member more.
  [[nodiscard]] Group extended(const Group& group) const;
  [[nodiscard]] double log_ratio(const Group& group) const;

 private:
  [[nodiscard]] const double* strengths(size_t place) const { return strengths_.data() + place * items_; }
  [[nodiscard]] double log_ratio_of_pair(size_t a, size_t b) const;
  // Replaces the member at that position by whoever makes the group best. False when that is who is there.
  bool improve(Group& group, size_t position, double& value) const;

  double elsewhere_;
  size_t items_;
  std::vector<Reader> readers_;
  std::vector<double> strengths_;
};

Candidates::Candidates(const ListEvidence& evidence, double elsewhere)
    : elsewhere_(elsewhere), items_(evidence.items()) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t place = 0; place < evidence.readers(); ++place) {
    order.emplace_back(-trace::log_ratio(evidence.marks(place), items_, (1 - elsewhere) / 2), place);
  }
  std::sort(order.begin(), order.end());
  order.resize(std::min(order.size(), kGroupCandidatesMax));
  strengths_.resize(order.size() * items_);
  for (const auto& [value, place] : order) {
    for (const Mark& mark : evidence.marks(place)) strengths_[readers_.size() * items_ + mark.item] = mark.strength;
    readers_.push_back(evidence.reader(place));
  }
}

double Candidates::log_ratio_of_pair(size_t a, size_t b) const {
  const double part = (1 - elsewhere_) / 2;
  const double* const of_a = strengths(a);
  const double* const of_b = strengths(b);
  LogProduct product;
  for (size_t item = 0; item < items_; ++item) product.times(elsewhere_ + part * (of_a[item] + of_b[item]));
  return product.log();
}

double Candidates::log_ratio(const Group& group) const {
  const double part = (1 - elsewhere_) / static_cast<double>(group.size());
  LogProduct product;
  for (size_t item = 0; item < items_; ++item) {
    double sum = 0;
    for (const size_t member : group) sum += strengths(member)[item];
    product.times(elsewhere_ + part * sum);
  }
  return product.log();
}

Candidates::Group Candidates::best_pair() const {
  Group best;
  double highest = 0;
  for (size_t a = 0; a + 1 < size(); ++a) {
    for (size_t b = a + 1; b < size(); ++b) {
      const double value = log_ratio_of_pair(a, b);
      if (!best.empty() && value <= highest) continue;
      highest = value;
      best = {a, b};
    }
  }
  return best;
}

bool Candidates::improve(Group& group, size_t position, double& value) const {
  Group tried = group;
  bool better = false;
  for (size_t place = 0; place < size(); ++place) {
    if (std::find(group.begin(), group.end(), place) != group.end()) continue;
    tried[position] = place;
    const double ratio = log_ratio(tried);
    if (ratio <= value) continue;
    value = ratio;
    group[position] = place;
    better = true;
  }
  return better;
}

Candidates::Group Candidates::extended(const Group& group) const {
  Group larger = group;
  size_t first = 0;  // somebody who is no member yet
  while (std::find(group.begin(), group.end(), first) != group.end()) ++first;
  larger.push_back(first);
  double value = log_ratio(larger);
  improve(larger, larger.size() - 1, value);
  bool better = true;
  for (unsigned round = 0; better && round < kExchangesMax; ++round) {
    better = false;
    for (size_t position = 0; position < larger.size(); ++position) {
      better = improve(larger, position, value) || better;
    }
  }
  return larger;
}

// Nobody, or one reader.
Explanation best_of_one(const ListEvidence& evidence, double elsewhere, double price) {
  Explanation best;
  for (size_t place = 0; place < evidence.readers(); ++place) {
    const double ratio = log_ratio(evidence.marks(place), evidence.items(), 1 - elsewhere);
    if (ratio - price > best.score) best = {{evidence.reader(place)}, ratio, ratio - price};
  }
  return best;
}

}  // namespace

Explanation best_explanation(const ListEvidence& evidence, const Assumptions& assumptions, size_t all_readers) {
  const double price = std::log(static_cast<double>(all_readers));
  Explanation best = best_of_one(evidence, assumptions.elsewhere, price);
  if (assumptions.leakers < 2 || evidence.readers() < 2) return best;
  const Candidates candidates(evidence, assumptions.elsewhere);
  Candidates::Group group = candidates.best_pair();
  for (;;) {
    const double ratio = candidates.log_ratio(group);
    const double value = ratio - static_cast<double>(group.size()) * price;
    if (value > best.score) {
      best = {{}, ratio, value};
      for (const size_t place : group) best.readers.push_back(candidates.reader(place));
      std::sort(best.readers.begin(), best.readers.end());
    }
    if (group.size() >= assumptions.leakers || group.size() == candidates.size()) return best;
    group = candidates.extended(group);
  }
}

}  // namespace weerbaar::trace

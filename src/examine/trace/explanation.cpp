#include "examine/trace/explanation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "examine/trace/log_product.h"

namespace weerbaar::trace {
namespace {

// Rounds of exchanging members; each must help, so that there are hardly ever more than two.
constexpr unsigned kExchangesMax = 8;
// Groups of up to so many are all tried, unless a bound shows that they cannot be the best.
constexpr size_t kTriedMax = 3;

// The readers considered, with the strength of each for every item.
class Candidates {
 public:
  Candidates(const ListEvidence& evidence, double elsewhere);

  using Group = std::vector<size_t>;  // places

  [[nodiscard]] size_t size() const { return readers_.size(); }
  [[nodiscard]] Reader reader(size_t place) const { return readers_[place]; }
  // No group of this size has a higher log ratio.
  [[nodiscard]] double bound(size_t members) const;
  // The best group of this size; nothing when none has a log ratio above `least`.
  [[nodiscard]] std::optional<Group> best_of(size_t members, double least) const;
  // The best group of one member more.
  [[nodiscard]] Group extended(const Group& group) const;
  [[nodiscard]] double log_ratio(const Group& group) const;

 private:
  [[nodiscard]] const double* strengths(size_t place) const { return strengths_.data() + place * items_; }
  struct Search;
  void search(Search& search, size_t from) const;
  // Replaces the member at that position by whoever makes the group best. False when that is who is there.
  bool improve(Group& group, size_t position, double& value) const;

  double elsewhere_;
  size_t items_;
  std::vector<Reader> readers_;
  std::vector<double> strengths_;
  // Of each, the first the most: log of Π over items of (p + (1 − p) / 2 · strength) / p.
  std::vector<double> gains_;
};

Candidates::Candidates(const ListEvidence& evidence, double elsewhere)
    : elsewhere_(elsewhere), items_(evidence.items()) {
  std::vector<std::pair<double, size_t>> order;
  const double part = (1 - elsewhere) / 2 / elsewhere;
  for (size_t place = 0; place < evidence.readers(); ++place) {
    LogProduct gain;
    for (const Mark& mark : evidence.marks(place)) gain.times(1 + part * mark.strength);
    order.emplace_back(-gain.log(), place);
  }
  const size_t kept = std::min(order.size(), kGroupCandidatesMax);
  std::partial_sort(order.begin(), order.begin() + static_cast<long>(kept), order.end());
  order.resize(kept);
  strengths_.resize(order.size() * items_);
  for (const auto& [loss, place] : order) {
    for (const Mark& mark : evidence.marks(place)) strengths_[readers_.size() * items_ + mark.item] = mark.strength;
    readers_.push_back(evidence.reader(place));
    gains_.push_back(-loss);
  }
}

// Because p · (p + x + y) <= (p + x) · (p + y), and because the share of each member shrinks with their number.
double Candidates::bound(size_t members) const {
  double sum = static_cast<double>(items_) * std::log(elsewhere_);
  for (size_t place = 0; place < std::min(members, size()); ++place) sum += gains_[place];
  return sum;
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

struct Candidates::Search {
  size_t members = 0;
  std::optional<Group> best;
  double highest = 0;
  Group group;                            // its first members
  double bound = 0;                       // of these alone
  std::vector<std::vector<double>> sums;  // of the strengths of the first, the first two, … for every item
};

// Once a bound is not above the highest, those behind it are not either: gains descend.
void Candidates::search(Search& search, size_t from) const {
  const size_t left = search.members - search.group.size();
  const double part = (1 - elsewhere_) / static_cast<double>(search.members);
  const std::vector<double>& sum = search.sums[search.group.size()];
  for (size_t place = from; place + left <= size(); ++place) {
    double bound = search.bound;
    for (size_t next = place; next < place + left; ++next) bound += gains_[next];
    if (bound <= search.highest) return;
    const double* const strength = strengths(place);
    search.group.push_back(place);
    if (left == 1) {
      LogProduct product;
      for (size_t item = 0; item < items_; ++item) product.times(elsewhere_ + part * (sum[item] + strength[item]));
      if (const double value = product.log(); value > search.highest) {
        search.highest = value;
        search.best = search.group;
      }
    } else {
      std::vector<double>& next = search.sums[search.group.size()];
      for (size_t item = 0; item < items_; ++item) next[item] = sum[item] + strength[item];
      search.bound += gains_[place];
      this->search(search, place + 1);
      search.bound -= gains_[place];
    }
    search.group.pop_back();
  }
}

std::optional<Candidates::Group> Candidates::best_of(size_t members, double least) const {
  Search search;
  search.members = members;
  search.highest = least;
  search.bound = bound(0);
  search.sums.assign(members, std::vector<double>(items_, 0));
  this->search(search, 0);
  return search.best;
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
  const auto least = [&](size_t members) { return best.score + static_cast<double>(members) * price; };
  const auto consider = [&](const Candidates::Group& group) {
    const double ratio = candidates.log_ratio(group);
    if (ratio <= least(group.size())) return;
    best = {{}, ratio, ratio - static_cast<double>(group.size()) * price};
    for (const size_t place : group) best.readers.push_back(candidates.reader(place));
    std::sort(best.readers.begin(), best.readers.end());
  };
  // The largest group that could be better, if any.
  size_t members = std::min<size_t>(assumptions.leakers, candidates.size());
  while (members >= 2 && candidates.bound(members) <= least(members)) --members;
  for (size_t size = 2; size <= std::min(members, kTriedMax); ++size) {
    if (const auto group = candidates.best_of(size, least(size))) consider(*group);
  }
  if (members <= kTriedMax) return best;
  // A larger group begins with the best of those tried, however little that explains.
  Candidates::Group group = *candidates.best_of(kTriedMax, -std::numeric_limits<double>::infinity());
  while (group.size() < members) {
    group = candidates.extended(group);
    consider(group);
  }
  return best;
}

}  // namespace weerbaar::trace

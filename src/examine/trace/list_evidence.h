// Who consulted which persons of a list, and how much each of those consultations says.
//
// With b(j, t) the base rate of reader j for person t (base_rate.h), p the chance that data came from elsewhere, and q
// the part of the list that came from reader j, the consultations of j are 1 / b(j, t) times as likely for a person who
// came from j, who has consulted all of these, and as likely as ever for the others. So for the whole list
//
//   LR(j, q) = Π over persons t of ( 1 − q + q · r(j, t) / b(j, t) )
//
// where r is 0 when j did not consult t, 1 when the work does not explain it, and the weight of an explained
// consultation when it does. Its average over lists that j has nothing to do with is 1: a chance at most 1 / x that it
// exceeds x (Markov). One leaker has q = 1 − p, one of m who split the work evenly has q = (1 − p) / m.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "examine/trace/activity.h"

namespace weerbaar::trace {

// One reader consulted one person of the list. `strength`: r / b.
struct Mark {
  uint32_t item = 0;  // place of the person in the list
  double strength = 0;
};

class ListEvidence {
 public:
  // A list of so many persons, which nobody consulted yet.
  void clear(size_t items);
  // Each reader and item once; the items of a reader in ascending order.
  void add(Reader reader, uint32_t item, double strength);
  // After the last add() and before anything below.
  void finish();

  [[nodiscard]] size_t items() const { return items_; }
  // Readers of at least one of the persons, ascending, by their place.
  [[nodiscard]] size_t readers() const { return readers_.size(); }
  [[nodiscard]] Reader reader(size_t place) const { return readers_[place]; }
  [[nodiscard]] std::span<const Mark> marks(size_t place) const {
    return std::span(marks_).subspan(first_[place], first_[place + 1] - first_[place]);
  }

 private:
  struct Added {
    Reader reader;
    Mark mark;
  };

  size_t items_ = 0;
  std::vector<Added> added_;
  std::vector<uint32_t> next_;  // by reader; zeros between calls
  std::vector<Reader> readers_;
  std::vector<size_t> first_;
  std::vector<Mark> marks_;
};

// log LR(j, q), as above.
double log_ratio(std::span<const Mark> marks, size_t items, double part);

// What readers are ranked by: the logarithm of the mean of LR(j, (1 − p) / m) over m = 1 … leakers, so that neither who
// leaked all nor who leaked a share is passed over.
double score(std::span<const Mark> marks, size_t items, double elsewhere, unsigned leakers);

}  // namespace weerbaar::trace

// How often a first place as strong arises by chance: the permutation test of leak tracing.
//
// The list is replaced by lists that have nothing to do with a leak, and each is explained as well as it can be
// (explanation.h), be it by nobody. The statistic is the score of that best explanation: it looks over all readers and
// groups, so that the number of those looked at needs no correction, and takes each at the base rate of the readers
// concerned, so that one who consults many does not lead every list. Two kinds of lists are drawn:
//
//   anywhere   each leaked person makes place for one consulted by as many readers
//   one work   only when the first reader consulted a quarter or more of the persons on several days, as one does whose
//              work they are: then the list may be a piece of somebody's work that came out by another way. As many
//              persons as the first reader has on the list are drawn from the work of a reader of leaked persons, as
//              many of them consulted on several days, and the others from anywhere.
//
// Each chance is (1 + lists that score as high) / (1 + lists drawn): never 0, and never too low on average when the
// list is one of its kind (B. Phipson and G. Smyth, Statistical Applications in Genetics and Molecular Biology 9(1),
// 2010). Which kind a real list is of nobody knows, so the higher chance is what is reported.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "examine/trace/assumptions.h"
#include "examine/trace/base_rate.h"
#include "examine/trace/leak.h"

namespace weerbaar::trace {

// Persons as popular among whom a stand-in for a leaked one is drawn.
inline constexpr size_t kStandInsMin = 64;
// The part of the persons of the first reader that make the list one that may be a piece of work: one in so many.
inline constexpr size_t kWorkPart = 4;

struct Chance {
  uint64_t drawn = 0;  // lists of each kind
  double anywhere = 1;
  std::optional<double> one_work;

  [[nodiscard]] double reported() const { return std::max(anywhere, one_work.value_or(0)); }
};

// `first`: the first reader of the ranking, and `score` that of the best explanation of the leak. The same arguments
// give the same chance.
Chance chance_of(const Leak& leak, Reader first, double score, BaseRates& rates, const Assumptions& assumptions);

}  // namespace weerbaar::trace

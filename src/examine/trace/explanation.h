// Which reader, or which few readers together, explain a list best: for who split the work.
//
// Of a group G that leaked the list together, each an even part, every person came from elsewhere with chance p, else
// from one of them, who had then consulted it. With r and b as in list_evidence.h
//
//   LR(G) = Π over persons t of ( p + (1 − p) / |G| · Σ over g in G of r(g, t) / b(g, t) )
//
// Of nobody, LR is 1: everything came from elsewhere, and who consulted whom has nothing to do with it. A larger group
// fits any list better. So each member costs the logarithm of the number of readers, among whom it was chosen.
#pragma once

#include <vector>

#include "examine/trace/assumptions.h"
#include "examine/trace/list_evidence.h"

namespace weerbaar::trace {

struct Explanation {
  std::vector<Reader> readers;  // ascending; none when nobody explains the list better than chance
  double log_ratio = 0;         // log LR(G)
  double score = 0;             // log LR(G) − |G| · log(all readers); never below 0, which is that of nobody
};

// Only so many readers, those that add most to what came from elsewhere, are considered for groups.
inline constexpr size_t kGroupCandidatesMax = 64;

// The one with the highest score, of at most `assumptions.leakers` readers; the smaller group when two are equal. Up to
// three are found as if by trying all; more by adding the best one to the best group and then exchanging members while
// that helps. Two who split the work are so found together, where adding one by one may begin with a third who has a
// bit of both. `all_readers`: of whom the group was chosen.
Explanation best_explanation(const ListEvidence& evidence, const Assumptions& assumptions, size_t all_readers);

}  // namespace weerbaar::trace

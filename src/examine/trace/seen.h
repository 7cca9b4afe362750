// The leaked persons that each reader saw, with what a consultation of them says: the evidence of a leak before the
// assumptions that weigh it.
#pragma once

#include <vector>

#include "examine/trace/base_rate.h"
#include "examine/trace/leak.h"
#include "examine/trace/list_evidence.h"

namespace weerbaar::trace {

struct Seen {
  uint32_t item = 0;  // place of the person in the leak
  Reader reader = 0;
  double rate = 1;            // base rate
  bool is_explained = false;  // every consultation of this person by this reader is

  [[nodiscard]] double weight(double explained_weight) const { return is_explained ? explained_weight : 1; }
};

// By item and reader; consultations before `from` do not count.
std::vector<Seen> seen_since(const Leak& leak, Time from, BaseRates& rates);

// `evidence` becomes that of the leak.
void weigh(std::span<const Seen> seen, size_t items, double explained_weight, ListEvidence& evidence);

}  // namespace weerbaar::trace

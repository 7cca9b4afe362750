// Traces a leak: ranks who consulted the leaked persons by how far that points to them, and says how much it can mean.
// No files, no clock, no threads: the same arguments give the same finding. What it rests on: docs/trace.md.
//
// A finding is a lead, not proof ("Aanknopingspunt, geen bewijs"): it knows nothing but consultations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "examine/trace/assumptions.h"
#include "examine/trace/base_rate.h"
#include "examine/trace/chance.h"
#include "examine/trace/explanation.h"
#include "examine/trace/leak.h"
#include "examine/trace/sensitivity.h"

namespace weerbaar::trace {

struct Suspect {
  Reader reader = 0;
  size_t leaked_seen = 0;  // leaked persons whom this reader consulted
  double expected = 0;     // how many that would be in the course of the work, by the base rates
  double guilt = 0;        // guilt.h
  double score = 0;        // list_evidence.h: what the ranking is by
  double log_ratio = 0;    // natural logarithm of the likelihood ratio against the median of all readers
  Time first;              // of the consultations of leaked persons
  Time last;
  size_t unexplained = 0;          // of the leaked persons seen: a consultation of them is not explained
  std::vector<std::string> rules;  // that explain others, each once
  bool is_in_best_explanation = false;
};

struct Finding {
  Assumptions assumptions;
  std::vector<Suspect> ranking;  // all who consulted a leaked person, the first one first
  size_t readers = 0;            // all whom the activity knows
  size_t leaked_total = 0;
  size_t leaked_consulted = 0;  // of them by anybody
  size_t reads = 0;
  size_t judged = 0;     // of the reads, by a check
  size_t explained = 0;  // of those judged
  bool any_explained = false;
  Explanation best;
  Chance chance;
  Sensitivity sensitivity;
};

// `rates`: over the activity whose numbers the leak uses. kInvalid when an assumption is outside its bounds, or nobody
// leaked.
Result<Finding> trace(const Leak& leak, BaseRates& rates, const Assumptions& assumptions);

}  // namespace weerbaar::trace

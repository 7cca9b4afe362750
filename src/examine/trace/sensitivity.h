// What becomes of the first place when the assumptions are others.
#pragma once

#include <optional>
#include <vector>

#include "examine/trace/assumptions.h"
#include "examine/trace/base_rate.h"
#include "examine/trace/leak.h"

namespace weerbaar::trace {

enum class Assumption : uint8_t { kElsewhere, kExplainedWeight, kWindow };

struct Variant {
  double elsewhere = 0;
  double explained_weight = 0;
  Time from;
  std::optional<Reader> first;  // nothing when nobody consulted a leaked person in that time
};

struct Sensitivity {
  std::vector<Variant> variants;  // the assumptions made come first
  // The variants in which somebody else comes first although one assumption alone is changed.
  struct Change {
    Assumption assumption;
    Variant variant;
  };
  std::vector<Change> changes;
  size_t same_first = 0;  // variants with the first place of the assumptions made, those themselves included

  [[nodiscard]] bool is_stable() const { return same_first == variants.size(); }
};

// Every combination of: the chance p made, 0.05, 0.2 and 0.5; the weight made, 0, 0.25 and 1, where anything is
// explained; and the whole time, its last half, and its last quarter. Base rates stay those of the whole time: shares
// of readers in it.
Sensitivity sensitivity_of(const Leak& leak, BaseRates& rates, const Assumptions& assumptions);

}  // namespace weerbaar::trace

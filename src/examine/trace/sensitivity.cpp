#include "examine/trace/sensitivity.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "examine/trace/list_evidence.h"
#include "examine/trace/seen.h"

namespace weerbaar::trace {
namespace {

// The value made comes first.
std::vector<double> with(double made, std::initializer_list<double> others) {
  std::vector<double> values = {made};
  std::copy_if(others.begin(), others.end(), std::back_inserter(values),
               [made](double other) { return other != made; });
  return values;
}

std::optional<Reader> first_of(const ListEvidence& evidence, double elsewhere, unsigned leakers) {
  std::optional<Reader> first;
  double highest = 0;
  for (size_t place = 0; place < evidence.readers(); ++place) {
    const double value = score(evidence.marks(place), evidence.items(), elsewhere, leakers);
    if (first && value <= highest) continue;
    highest = value;
    first = evidence.reader(place);
  }
  return first;
}

// The one assumption in which it differs from the one made, if it is one.
std::optional<Assumption> only_difference(const Variant& made, const Variant& other) {
  std::vector<Assumption> differing;
  if (other.elsewhere != made.elsewhere) differing.push_back(Assumption::kElsewhere);
  if (other.explained_weight != made.explained_weight) differing.push_back(Assumption::kExplainedWeight);
  if (other.from != made.from) differing.push_back(Assumption::kWindow);
  return differing.size() == 1 ? std::optional(differing[0]) : std::nullopt;
}

}  // namespace

Sensitivity sensitivity_of(const Leak& leak, BaseRates& rates, const Assumptions& assumptions) {
  Sensitivity result;
  const int64_t length = leak.before.micros - leak.from.micros;
  ListEvidence evidence;
  for (const int64_t part : {1, 2, 4}) {
    const Time from = part == 1 ? leak.from : Time{leak.before.micros - length / part, 0};
    const std::vector<Seen> seen = seen_since(leak, from, rates);
    const bool any_explained = std::any_of(seen.begin(), seen.end(), [](const Seen& one) { return one.is_explained; });
    const std::vector<double> weights = any_explained ? with(assumptions.explained_weight, {0, 0.25, 1})
                                                      : std::vector<double>{assumptions.explained_weight};
    for (const double weight : weights) {
      weigh(seen, leak.persons.size(), weight, evidence);
      for (const double elsewhere : with(assumptions.elsewhere, {0.05, 0.2, 0.5})) {
        result.variants.push_back({elsewhere, weight, from, first_of(evidence, elsewhere, assumptions.leakers)});
      }
    }
  }
  const Variant& made = result.variants.front();
  for (const Variant& variant : result.variants) {
    if (variant.first == made.first) {
      ++result.same_first;
    } else if (const auto assumption = only_difference(made, variant)) {
      result.changes.push_back({*assumption, variant});
    }
  }
  return result;
}

}  // namespace weerbaar::trace

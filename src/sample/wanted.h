// The persons whom planted misuse is about, and the units that must have no business with them: what nothing explains
// must not be explained by accident.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sample/organisation.h"
#include "sample/population.h"

namespace weerbaar::sample {

class Wanted {
 public:
  explicit Wanted(uint32_t persons) : is_wanted_(persons, false) {}

  // From now on nobody of the unit gets work about the person.
  void keep_from(UnitNumber unit, PersonNumber person) {
    const std::pair entry(person, unit);
    const auto place = std::ranges::lower_bound(entries_, entry);
    if (place != entries_.end() && *place == entry) return;
    entries_.insert(place, entry);
    is_wanted_[person] = true;
  }
  [[nodiscard]] bool may_handle(UnitNumber unit, PersonNumber person) const {
    return !is_wanted_[person] || !std::ranges::binary_search(entries_, std::pair(person, unit));
  }
  [[nodiscard]] bool is_wanted(PersonNumber person) const { return is_wanted_[person]; }

 private:
  std::vector<bool> is_wanted_;
  std::vector<std::pair<PersonNumber, UnitNumber>> entries_;  // ascending
};

}  // namespace weerbaar::sample

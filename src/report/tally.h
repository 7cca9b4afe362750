// Counts of accesses by what a report says of them, with who is behind each count.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "examine/purpose/judge.h"
#include "report/search_key.h"
#include "report/small_cells.h"

namespace weerbaar::report {

// One access, as far as a report looks at it.
struct Counted {
  uint32_t employee = 0;  // numbered as they come
  bool is_search = false;
  SearchKey key = SearchKey::kUnknown;
  bool outside_hours = false;
  bool by_shift = false;  // so it is by the shifts of the employee, else by office hours
  bool break_glass = false;
  bool is_first = false;
  purpose::Outcome outcome = purpose::Outcome::kUnexplained;
};

// A set of numbers that come as they are given out.
class EmployeeSet {
 public:
  void add(uint32_t number) {
    if (number >= members_.size()) members_.resize(number + 1);
    if (!members_[number]) ++size_;
    members_[number] = true;
  }
  void add(const EmployeeSet& other);
  [[nodiscard]] uint64_t size() const { return size_; }

 private:
  std::vector<bool> members_;
  uint64_t size_ = 0;
};

// The cells of each group add up to all accesses. A bit and some hundred bytes for each employee and 500 in all.
struct Tally {
  enum Search : uint8_t { kByIdentifier, kByOther, kByUnknown, kNoSearch, kSearches };
  static constexpr size_t kOutcomes = 3;

  Cell all;
  EmployeeSet employees;
  std::array<Cell, kSearches> searches;
  std::array<Cell, 2> hours;   // outside, and within
  std::array<Cell, 2> shifts;  // judged by shifts, and by office hours
  std::array<Cell, 2> glass;   // broken, and whole
  std::array<Cell, kOutcomes> outcomes;

  void add(const Counted& access);
  void add(const Tally& other);
};

// First accesses of an employee to a person, and all later ones, by outcome.
struct FirstTally {
  std::array<Cell, Tally::kOutcomes> first;
  std::array<Cell, Tally::kOutcomes> later;

  void add(const Counted& access);
};

}  // namespace weerbaar::report

// What the register says about employees and persons beyond the purpose check, as detectors ask it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "examine/purpose/fact_base.h"
#include "register/schema.h"

namespace weerbaar::detect {

using purpose::FactBase;
using purpose::FactIndex;
using purpose::FactTable;
using purpose::kNoSymbol;
using purpose::kUnknown;
using purpose::Symbol;

// A table, looked up by one of its columns.
class Facts {
 public:
  Facts(FactBase& base, const char* table, const char* column);

  // Calls take(row) for each fact about the symbol.
  template <class Take>
  void each(Symbol symbol, Take take) const {
    const FactIndex::Rows rows = index_->rows(symbol);
    for (uint32_t i = rows.begin; i < rows.end; ++i) take(rows.at(i));
  }
  // The row of a fact about the symbol that holds at the moment; the last of several.
  [[nodiscard]] std::optional<uint32_t> at(Symbol symbol, int64_t time) const;
  [[nodiscard]] bool has(Symbol symbol) const { return index_->rows(symbol).size() > 0; }
  // Of facts that follow each other in time, as those of a table with the symbol as its only key: the last one that
  // begins at the moment or before, and the first one that begins after it.
  struct Around {
    std::optional<uint32_t> before;
    std::optional<uint32_t> after;
  };
  [[nodiscard]] Around around(Symbol symbol, int64_t time) const;
  [[nodiscard]] const FactTable& table() const { return *table_; }
  // What the row says in a column.
  [[nodiscard]] Symbol cell(uint32_t row, const char* column) const;

 private:
  const FactTable* table_;
  const FactIndex* index_;
};

// A place in a street: neighbours have the same street and numbers that differ little.
struct House {
  uint32_t street = 0;  // 0: the address ends in no number
  uint32_t number = 0;
};

// Safe to read from several threads.
class Surroundings {
 public:
  // Says what will be asked; before facts are loaded.
  static void want(FactBase& facts);
  // `facts` are loaded, and must outlive it.
  explicit Surroundings(FactBase& facts);

  // The function that an employee has at the moment; kNoSymbol when none is known.
  [[nodiscard]] Symbol function_of(Symbol employee, int64_t time) const;
  [[nodiscard]] Symbol unit_of(Symbol employee, int64_t time) const;
  // The last position ends within so many microseconds from now, and no other begins.
  [[nodiscard]] bool leaves_within(Symbol employee, int64_t time, int64_t within) const;
  // Employees of the register in a period.
  [[nodiscard]] uint64_t employees(int64_t from, int64_t to) const;

  [[nodiscard]] bool is_absent(Symbol employee, int64_t time) const { return absence_.at(employee, time).has_value(); }
  // How far outside every shift of the employee it is, in microseconds; 0 inside one. Nothing when no shift of that
  // employee lies within two weeks.
  [[nodiscard]] std::optional<int64_t> outside_shift(Symbol employee, int64_t time) const;
  // Where the employee is by badge; kNoSymbol when nowhere, nothing when the employee did not badge within two weeks.
  [[nodiscard]] std::optional<Symbol> badged_at(Symbol employee, int64_t time) const;
  // Whether people badge there at all.
  [[nodiscard]] bool has_badges(Symbol location) const { return presence_by_location_.has(location); }

  [[nodiscard]] bool is_public_figure(Symbol subject, int64_t time) const {
    return public_figure_.at(subject, time).has_value();
  }
  [[nodiscard]] bool is_honey(Symbol subject, int64_t time) const { return honey_.at(subject, time).has_value(); }
  // When the first report after a moment that names the subject was made.
  [[nodiscard]] std::optional<int64_t> reported_after(Symbol subject, int64_t time) const;
  // The number of an address, above 0, at which the person lives at the moment; 0 when unknown.
  [[nodiscard]] Symbol address_of(Symbol subject, int64_t time) const;
  [[nodiscard]] House house(Symbol address) const { return address < houses_.size() ? houses_[address] : House(); }
  // Whether employee and person ever had the same address.
  [[nodiscard]] bool ever_lived_together(Symbol employee, Symbol subject) const;
  // How rare it is that a person has the surname of the employee: one over the share of persons who do, when this one
  // does; 0 when not, or when nobody says.
  [[nodiscard]] double surname_in_common(Symbol employee, Symbol subject) const;
  [[nodiscard]] bool may_use(Symbol employee, Symbol system, int64_t time) const;

  // Shares of the persons that the register knows.
  [[nodiscard]] double share_of_honey() const;

 private:
  void read_houses(const FactBase& facts);
  void count_surnames();

  Facts absence_;
  Facts authorisation_;
  Facts employee_;
  Facts honey_;
  Facts person_;
  Facts position_;
  Facts presence_;
  Facts presence_by_location_;
  Facts public_figure_;
  Facts reported_;
  Facts shift_;
  std::vector<House> houses_;          // by address
  std::vector<uint32_t> surnames_;     // persons, by surname
  std::vector<uint64_t> street_keys_;  // hashes, ascending
};

}  // namespace weerbaar::detect

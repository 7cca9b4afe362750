// How a rule is tried: its steps in the order that looks at the fewest facts. Of the judge alone.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "examine/purpose/fact_base.h"
#include "examine/purpose/judge.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose {

// The values that one trial of a rule knows.
struct Bindings {
  std::array<Symbol, kProperties> properties{};
  // What mentions each of them, and what kind of access it is: a bit for each.
  std::array<uint32_t, kProperties> mentioned_by{};
  uint32_t access = 0;
  // Between these moments every fact that was looked at is true, or not, as it was found.
  int64_t since = INT64_MIN;
  int64_t until = INT64_MAX;
  std::array<Symbol, kVariablesMax> variables;
  std::array<uint32_t, kStepsMax> rows;  // of each step, as the rule lists them
  bool is_on_behalf = false;             // they lead from the one on whose behalf it is done
};

// A term whose words are symbols.
struct Source {
  enum class From : uint8_t { kProperty, kVariable, kConstant } from = From::kConstant;
  uint32_t value = 0;

  [[nodiscard]] Symbol in(const Bindings& bindings) const {
    switch (from) {
      case From::kProperty:
        return bindings.properties[value];
      case From::kVariable:
        return bindings.variables[value];
      case From::kConstant:
        return value;
    }
    return kNoSymbol;
  }
};

struct Equal {
  size_t place = 0;  // in a row
  Source source;
  const FactIndex* index = nullptr;
  const FactBase::Mentions* mentions = nullptr;
  uint32_t mention_bit = 0;
};

struct Binding {
  size_t place = 0;
  uint32_t variable = 0;
  bool is_first = true;  // else it was bound by another column of the same row, and must equal it
};

struct PlannedCompare {
  Source left;
  Comparison how = Comparison::kSame;
  Source right;
};

struct PlannedStep {
  size_t number = 0;  // in the rule
  const FactTable* table = nullptr;
  Window window;
  bool absent = false;
  std::vector<Equal> equal;  // what is known before, the column with the fewest rows first
  std::vector<Binding> binds;
  std::vector<PlannedCompare> compares;  // of which both sides are known once it has bound

  // Says in the bindings for which other moments the same is true.
  [[nodiscard]] bool holds_at(uint32_t row, int64_t time, Bindings& bindings) const;
  // Rows that may match, from the column that has fewest.
  [[nodiscard]] FactIndex::Rows candidates(std::span<const Symbol> symbols) const;
  [[nodiscard]] bool matches(uint32_t row, std::span<const Symbol> symbols) const;
};

// How one rule is tried.
struct Plan {
  // `rule` is one of `rules`, which are in order; both, and `facts`, must outlive it.
  static Plan make(const Rule& rule, std::span<const Rule> rules, FactBase& facts);

  const Rule* rule = nullptr;
  const FactBase* facts = nullptr;
  // Without these bits of a property, or with others of the access, it cannot fire.
  std::array<uint32_t, kProperties> needs{};
  uint32_t allows = ~0U;
  bool asks_data = false;
  bool looks_at_both = false;            // at the employee, and else at the one on whose behalf it is done
  std::vector<PlannedCompare> compares;  // of the access alone
  std::vector<PlannedStep> steps;
  std::vector<uint32_t> unless;  // numbers of rules

  [[nodiscard]] bool may_fire(const Bindings& bindings) const {
    uint32_t missing = bindings.access & ~allows;
    for (size_t i = 0; i < kProperties; ++i) missing |= needs[i] & ~bindings.mentioned_by[i];
    return missing == 0;
  }
  [[nodiscard]] bool holds(const PlannedCompare& compare, const Bindings& bindings) const;
  // Of the subject that the bindings hold, with one of the categories of data.
  bool fires(const Access& access, Bindings& bindings) const;
  // Whether there are facts for the steps from `step` on; then their rows are in the bindings.
  bool fires(size_t step, int64_t time, Bindings& bindings) const;
  bool bind(const PlannedStep& step, uint32_t row, Bindings& bindings) const;
};

// The bits of Bindings::access.
uint32_t bits_of(const Access& access);

}  // namespace weerbaar::purpose

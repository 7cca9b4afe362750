// A rule of the purpose check: a path of facts that leads from an employee to the subject of an access, at its moment.
//
// A rule is a conjunction of steps. Each step asks for a fact of one table of the register, some of whose columns equal
// something: a property of the access ("access.employee"), a variable that another step binds ("$case"), or a word.
// It fires when there are facts for all steps at once. docs/purpose-check.md describes how to write one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "register/schema.h"

namespace weerbaar::purpose {

// What a rule may ask of an access. Of kSubject and kData an access may have several: the rule is tried with each. One
// that asks for kEmployee is tried with the employee, and then with the one on whose behalf the employee acts; not when
// it asks for kOnBehalfOf too.
enum class Property : uint8_t { kEmployee, kSubject, kSystem, kCase, kActivity, kData, kUnit, kFunction, kOnBehalfOf };
inline constexpr size_t kProperties = 9;
// As a rule writes it, without "access.": "employee" ….
std::string_view to_string(Property property);
facts::Kind kind_of(Property property);

// What a rule concludes. An access that nothing flags and nothing explains is unexplained: neutral.
enum class Conclusion : uint8_t { kExplained, kFlagged };

struct Word {
  std::string text;
  auto operator<=>(const Word&) const = default;
};
// The number of a variable of the rule.
struct Variable {
  uint32_t number = 0;
  auto operator<=>(const Variable&) const = default;
};
using Term = std::variant<Property, Variable, Word>;

// How a moment has to lie to the validity of a fact, in microseconds: the fact counts from `early` before it begins
// until `late` after it ended.
struct Window {
  int64_t early = 0;
  int64_t late = 0;
  bool ever = false;  // whenever it was or will be true
};

struct Match {
  size_t column = 0;  // of the table
  Term term;
};

struct Step {
  const facts::Table* table = nullptr;
  std::vector<Match> matches;
  Window window;
  bool absent = false;  // fires when there is no such fact; binds nothing
};

enum class Comparison : uint8_t {
  kSame,
  kDifferent,
  // Addresses that are not the same: the same text before the house number, and numbers at most kNeighbourNumbers
  // apart, whatever their additions.
  kNeighbouring,
};
inline constexpr uint64_t kNeighbourNumbers = 4;

struct Compare {
  Term left;
  Comparison how = Comparison::kSame;
  Term right;
};

struct Rule {
  std::string id;
  Conclusion conclusion = Conclusion::kExplained;
  // What the access itself must be. Empty: anything.
  std::vector<std::string> actions;
  std::optional<bool> break_glass;
  std::optional<bool> reason;  // that it gives one, or none
  std::vector<Step> steps;
  std::vector<Compare> compares;
  std::vector<std::string> unless;  // ids of rules: where one of them fires for the same subject, this one does not
  std::vector<std::string> unless_places;  // where each of those stands: FILE:LINE:COLUMN
  std::vector<std::string> variables;      // names, without "$"
};

inline constexpr size_t kStepsMax = 16;      // and as many comparisons
inline constexpr size_t kVariablesMax = 32;  // of a rule
inline constexpr size_t kRulesMax = 256;     // of a policy

// Reads rules/<id>/rule.toml. kInvalid with `file`, line, column and remedy: an unknown table, column, property or
// word, a word that looks like a misspelt property or is no subject where one is asked for, a term of another kind than
// its column, a variable that only one term names or that only absent steps name, a step that nothing joins to the
// access, a period of time that cannot be.
Result<Rule> read_rule(std::string_view id, std::string_view text, std::string_view file);

// Puts the rules in an order in which each comes behind those that it names in `unless`, else by id. kInvalid names an
// id that is not there or a circle, with the place of that entry; an id that is there twice; and when there are more
// than kRulesMax.
Status put_in_order(std::vector<Rule>& rules);

}  // namespace weerbaar::purpose

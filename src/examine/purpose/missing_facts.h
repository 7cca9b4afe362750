// What would explain more: which kinds of fact the register lacks most, where the rules left accesses unexplained. So
// that an organisation can connect the source of those facts. Says nothing of any one access, and makes no rules.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "examine/purpose/check.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/judge.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose {

enum class Lack : uint8_t {
  kFact,   // a rule lacks one fact, of this table: the others lead to the person
  kTime,   // all facts of a rule are there, but at most kTimeOff away from the moment
  kAlike,  // a rule that needs one fact only; an estimate from what explains others in the same place
};
inline constexpr int64_t kTimeOff = int64_t{7} * 86'400 * 1'000'000;  // microseconds
std::string_view to_string(Lack lack);

struct MissingFact {
  std::string rule;
  std::string table;  // of the fact; empty for kTime
  Lack lack = Lack::kFact;
  uint64_t accesses = 0;  // unexplained ones that show it; of kAlike the same as `more`
  // How many it would explain beyond what chance shows: as many persons again were taken at random from the register,
  // for the same employees and moments. With shares p of the accesses and q of those, n (p - q) / (1 - q).
  uint64_t more = 0;
};

enum class PlaceField : uint8_t { kUnit, kSystem, kHour };
std::string_view to_string(PlaceField field);

// With fewer employees a place tells of persons, and not of work: such places are put together in one.
inline constexpr size_t kPlaceEmployeesMin = 5;
inline constexpr std::string_view kFewEmployees = "(fewer than five employees)";

// The accesses of one place: a unit, a system, an hour (UTC, 00 to 23), or several of them.
struct MissingPlace {
  std::vector<std::string> values;  // of the fields; empty when the register knows none
  // All places together that have fewer than kPlaceEmployeesMin different employees each; `values` are kFewEmployees.
  // Employees that the register does not know count as one, for nothing tells them apart.
  bool few = false;
  uint64_t checked = 0;
  uint64_t unexplained = 0;
  std::vector<MissingFact> missing;  // that explain at least one more, the most first
};

// Not thread-safe. Keeps one count for each unit, system and hour that occur together.
class MissingFacts {
 public:
  // Says what it will ask, beside what the judge does; before facts are loaded.
  static void want(std::span<const Rule> rules, FactBase& facts);
  // `judge` and `facts`, which is loaded, must outlive it.
  MissingFacts(const Judge& judge, FactBase& facts);

  // Every access of a check.
  void add(const Judged& judged);

  // By these fields, the places with most unexplained accesses first; without fields all in one, however few they are.
  [[nodiscard]] std::vector<MissingPlace> by(std::span<const PlaceField> fields) const;

 private:
  // A rule with one fact less, or with longer windows.
  struct Almost {
    uint32_t rule = 0;  // of the judge
    Lack lack = Lack::kFact;
    std::string table;
  };
  struct Place {
    Symbol unit = kNoSymbol;
    Symbol system = kNoSymbol;
    uint32_t hour = 0;

    auto operator<=>(const Place&) const = default;
  };
  struct Counts {
    uint64_t checked = 0;
    uint64_t unexplained = 0;
    uint64_t subjects = 0;            // of the unexplained, that no rule explains
    std::vector<uint64_t> accesses;   // by number in almost_
    std::vector<uint64_t> shown;      // subjects, by number in almost_
    std::vector<uint64_t> by_chance;  // the same, of persons at random
    uint64_t explained = 0;
    std::vector<uint64_t> explained_by;  // by number in single_
    std::vector<Symbol> employees;       // different ones, ascending; no more than kPlaceEmployeesMin

    void add(const Counts& other);
  };
  using ByPlace = std::map<Place, Counts>;

  void add_almost(uint32_t number, std::vector<Rule>& rules);
  [[nodiscard]] Place place_of(const Access& access) const;
  void add_explained(const Judged& judged, Counts& counts) const;
  void add_unexplained(const Judged& judged, Counts& counts);
  void try_subject(const Access& access, Symbol subject, std::vector<uint64_t>& fired);
  // For each single rule, how many of the unexplained accesses of each place it would explain, if they are as the
  // explained ones there.
  [[nodiscard]] std::vector<double> alike(const Place& place, const Counts& counts) const;
  [[nodiscard]] std::vector<MissingFact> missing(const Counts& counts, std::span<const double> alike) const;
  [[nodiscard]] std::string text(PlaceField field, const Place& place) const;

  const Judge& judge_;
  const FactBase& facts_;
  const FactTable& positions_;
  const size_t unit_place_;
  const FactIndex& by_employee_;
  std::vector<Almost> almost_;
  std::vector<uint32_t> single_;          // rules of the judge that need one fact only
  std::vector<uint32_t> almost_of_rule_;  // of the rules of almost_judge_: number in almost_
  std::unique_ptr<const Judge> almost_judge_;
  ByPlace places_;
  ByPlace by_unit_and_system_;  // of all hours
  ByPlace by_system_;
  Counts all_;
  uint64_t random_ = 0;
  Verdict verdict_;  // its memory serves again
};

}  // namespace weerbaar::purpose

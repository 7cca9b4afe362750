// Judges accesses by rules over facts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "examine/purpose/access.h"
#include "examine/purpose/alike.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose {

// A rule that fired, and the facts that it did by: for each of its steps the row of its table; kNoRow for absent ones.
struct Finding {
  static constexpr uint32_t kNoRow = UINT32_MAX;

  uint32_t rule = 0;     // of Judge::rules()
  uint32_t subject = 0;  // of Access::subjects
  // It leads from the one on whose behalf the employee acts, not from the employee.
  bool is_on_behalf = false;
  std::array<uint32_t, kStepsMax> rows;
};

enum class Outcome : uint8_t { kExplained, kFlagged, kUnexplained };

// Of one access. An access to several subjects is explained when that to each is, and flagged when that to one is.
struct Verdict {
  Outcome outcome = Outcome::kUnexplained;
  std::vector<Finding> findings;  // by subject: the rules that flag it, and the first that explains it
  // An access at another moment, from `since` until before `until`, and the same for the rest, has the same verdict.
  int64_t since = INT64_MIN;
  int64_t until = INT64_MAX;
};

// What came of many accesses. Those that have the same verdict, rule for rule and fact for fact, mostly share it. Keeps
// its memory for the next accesses.
class Verdicts {
 public:
  // Of each access, the number of its verdict.
  [[nodiscard]] std::span<const uint32_t> numbers() const { return numbers_; }
  // How many there are.
  [[nodiscard]] uint32_t count() const { return static_cast<uint32_t>(verdicts_.size()); }
  [[nodiscard]] Outcome outcome(uint32_t number) const { return verdicts_[number].outcome; }
  [[nodiscard]] std::span<const Finding> findings(uint32_t number) const {
    const One& one = verdicts_[number];
    return std::span(findings_).subspan(one.begin, one.end - one.begin);
  }

 private:
  friend class Judge;
  struct One {
    Outcome outcome;
    uint32_t begin;  // of findings_
    uint32_t end;
    int64_t since;
    int64_t until;
  };

  void clear();
  // Its number.
  uint32_t add(const Verdict& verdict);

  std::vector<uint32_t> numbers_;
  std::vector<One> verdicts_;
  std::vector<Finding> findings_;
  AlikeAccesses alike_;
  std::vector<uint32_t> latest_;  // the verdict of each group
};

struct Bindings;
struct Plan;

// At most kRulesMax rules.
//
// Where an employee acts on behalf of another, a rule that asks for the employee looks at both: it fires when it does
// for one of them. One that explains leads from the other only where facts know the employee who acts.
class Judge {
 public:
  // Says what the rules will ask, so that it can be loaded.
  static void want(std::span<const Rule> rules, FactBase& facts);
  // `rules` as put_in_order() gives them; `facts` are loaded, and must outlive it.
  Judge(std::vector<Rule> rules, FactBase& facts);
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) = delete;
  ~Judge();

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

  // From any thread. `verdict` is overwritten, so that its memory serves again.
  void judge(const Access& access, Verdict& verdict) const;
  // Judges all of them. Faster than one by one: what is alike is judged once for as long as no fact begins or ends, and
  // the facts of those to come are fetched from memory meanwhile.
  void judge_all(std::span<const Access> accesses, Verdicts& verdicts) const;
  // The same, and calls take(place, verdict) for each in order.
  template <class Take>
  void judge_all(std::span<const Access> accesses, Take take) const {
    Verdicts verdicts;
    judge_all(accesses, verdicts);
    Verdict verdict;
    for (size_t i = 0; i < accesses.size(); ++i) {
      const uint32_t number = verdicts.numbers()[i];
      const Verdicts::One& one = verdicts.verdicts_[number];
      const auto findings = verdicts.findings(number);
      verdict.outcome = one.outcome;
      verdict.findings.assign(findings.begin(), findings.end());
      verdict.since = one.since;
      verdict.until = one.until;
      take(i, std::as_const(verdict));
    }
  }
  // Whether one rule fires, for one of the subjects, whatever the others say.
  [[nodiscard]] bool fires(std::string_view rule, const Access& access) const;

 private:
  [[nodiscard]] bool fires(const Plan& plan, const Access& access, Bindings& bindings) const;
  [[nodiscard]] bool leads_on_behalf(const Plan& plan, const Access& access, Bindings& bindings) const;
  void judge_subject(const Access& access, uint32_t subject, Bindings& bindings, Verdict& verdict) const;

  // A large table that accesses are looked up in by one of their properties, and those that its rows lead to.
  struct Hop {
    const FactIndex* index = nullptr;
    const FactTable* table = nullptr;
    size_t place = 0;  // in the row that leads here
    std::vector<Hop> next;
  };

  void add_hops(const Plan& plan);
  void foresee(const Access& access, size_t stage) const;
  static void foresee(const Hop& hop, Symbol symbol, size_t stage);
  void set(Property property, Symbol symbol, Bindings& bindings) const;
  void bind(const Access& access, Bindings& bindings) const;

  std::vector<Rule> rules_;
  std::vector<Plan> plans_;  // of each rule
  Asked asked_;
  std::array<const FactBase::Mentions*, kProperties> mentions_;
  std::vector<Hop> by_subject_;
  std::vector<Hop> by_case_;
};

}  // namespace weerbaar::purpose

// Judges accesses by rules over facts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/access_event.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/rule.h"

namespace weerbaar::purpose {

// What the rules look at of one access. kNoSymbol: it does not say; kUnknown: it says what no fact does.
struct Access {
  int64_t time = 0;  // microseconds since 1970
  Action action = Action::kRead;
  bool break_glass = false;
  bool reason = false;
  Symbol employee = kNoSymbol;
  Symbol system = kNoSymbol;
  Symbol claimed_case = kNoSymbol;
  Symbol activity = kNoSymbol;
  Symbol unit = kNoSymbol;
  Symbol function = kNoSymbol;
  std::span<const Symbol> subjects;
  std::span<const Symbol> data;
};

// A rule that fired, and the facts that it did by: for each of its steps the row of its table; kNoRow for absent ones.
struct Finding {
  static constexpr uint32_t kNoRow = UINT32_MAX;

  uint32_t rule = 0;     // of Judge::rules()
  uint32_t subject = 0;  // of Access::subjects
  std::array<uint32_t, kStepsMax> rows;
};

enum class Outcome : uint8_t { kExplained, kFlagged, kUnexplained };

// Of one access. An access to several subjects is explained when that to each is, and flagged when that to one is.
struct Verdict {
  Outcome outcome = Outcome::kUnexplained;
  std::vector<Finding> findings;  // by subject: the rules that flag it, and the first that explains it
};

struct Bindings;
struct Plan;

// At most kRulesMax rules.
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
  // Judges all of them in order, and calls take(place, verdict) for each. Faster than one by one: the facts of those to
  // come are fetched from memory meanwhile.
  template <class Take>
  void judge_all(std::span<const Access> accesses, Take take) const {
    constexpr size_t kAhead = 6;  // accesses between two stages
    Verdict verdict;
    // Places before the first wrap around, and so lie behind the last.
    for (size_t i = 0; i < accesses.size() + kStages * kAhead; ++i) {
      for (size_t stage = 0; stage < kStages; ++stage) {
        const size_t place = i - stage * kAhead;
        if (place < accesses.size()) foresee(accesses[place], stage);
      }
      const size_t place = i - kStages * kAhead;
      if (place >= accesses.size()) continue;
      judge(accesses[place], verdict);
      take(place, std::as_const(verdict));
    }
  }
  // Whether one rule fires, for one of the subjects, whatever the others say.
  [[nodiscard]] bool fires(std::string_view rule, const Access& access) const;

 private:
  [[nodiscard]] bool fires(const Plan& plan, const Access& access, Bindings& bindings) const;
  void judge_subject(const Access& access, uint32_t subject, Bindings& bindings, Verdict& verdict) const;

  // A large table that accesses are looked up in by one of their properties, and those that its rows lead to.
  struct Hop {
    const FactIndex* index = nullptr;
    const FactTable* table = nullptr;
    size_t place = 0;  // in the row that leads here
    std::vector<Hop> next;
  };
  static constexpr size_t kStages = 4;

  void add_hops(const Plan& plan);
  void foresee(const Access& access, size_t stage) const;
  static void foresee(const Hop& hop, Symbol symbol, size_t stage);
  void set(Property property, Symbol symbol, Bindings& bindings) const;
  void bind(const Access& access, Bindings& bindings) const;

  std::vector<Rule> rules_;
  std::vector<Plan> plans_;  // of each rule
  std::array<const FactBase::Mentions*, kProperties> mentions_;
  std::vector<Hop> by_subject_;
  std::vector<Hop> by_case_;
};

}  // namespace weerbaar::purpose

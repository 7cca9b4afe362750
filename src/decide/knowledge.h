// What decisions are taken by: the facts of the register as of one import, the rules of the control policy and the
// decision policy. A decision says what follows now.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "decide/decision_policy.h"
#include "decide/request.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/judge.h"

namespace weerbaar::decide {

// Why it was decided so.
struct Ground {
  Condition condition = Condition::kUnexplained;
  std::string rule;  // that explains or flags; else empty

  auto operator<=>(const Ground&) const = default;
};

// What the application has to do beside what was decided.
struct Obligations {
  std::vector<std::string> mask;  // categories of data not to show
  bool ask_reason = false;
  std::vector<std::string> notify;
  bool review = false;  // Weerbaar lists it for that

  [[nodiscard]] bool empty() const { return mask.empty() && !ask_reason && notify.empty() && !review; }
};

struct Decision {
  bool permit = false;
  std::vector<Ground> grounds;  // at least one
  Condition decisive = Condition::kUnexplained;
  Obligations obligations;
  // It is denied, and breaking the glass with a reason would open it.
  bool break_glass_would_open = false;
};

// What a decision was taken by.
struct Versions {
  uint64_t import = 0;  // after which the facts were known so
  uint64_t control_policy = 0;
  std::string control_policy_sha256;
  uint64_t decision_policy = 0;  // 0: that of the program
  std::string decision_policy_sha256;
};

// Immutable, so from any thread.
class Knowledge {
 public:
  // Says what decisions and the rules will ask, so that it can be loaded.
  static void want(std::span<const purpose::Rule> rules, purpose::FactBase& facts);
  // `rules` in order; `facts` are loaded.
  Knowledge(std::vector<purpose::Rule> rules, std::unique_ptr<purpose::FactBase> facts, DecisionPolicy policy,
            Versions versions);

  [[nodiscard]] const Versions& versions() const { return versions_; }
  // By the facts that are true at that moment.
  [[nodiscard]] Decision decide(const Question& question, Time now) const;

 private:
  // A table of which rows are found by one column.
  struct Lookup {
    Lookup(std::string_view name, size_t column, purpose::FactBase& facts);
    // Whether `take` gives true for a row of the symbol that is true at that moment.
    template <class Take>
    bool any(purpose::Symbol symbol, int64_t now, Take take) const;

    const purpose::FactTable& table;
    const purpose::FactIndex& index;
  };
  class Weighing;

  [[nodiscard]] purpose::Symbol employee_of(const Question& question, int64_t now) const;
  [[nodiscard]] bool is_authorised(purpose::Symbol employee, const Question& question, int64_t now) const;
  void judge(const Question& question, purpose::Symbol employee, int64_t now, Weighing& weighing) const;
  [[nodiscard]] std::vector<std::string> beyond_activity(const Question& question, int64_t now) const;

  std::unique_ptr<purpose::FactBase> facts_;
  purpose::Judge judge_;
  std::vector<bool> asks_shielded_;  // by rule: it flags by the table of shielded persons
  DecisionPolicy policy_;
  Versions versions_;
  Lookup accounts_;
  Lookup employees_;
  Lookup authorisations_;
  Lookup shielded_;
  Lookup activity_data_;
};

// The knowledge that counts now. Thread-safe.
class DecisionPoint {
 public:
  // Null before the first.
  [[nodiscard]] std::shared_ptr<const Knowledge> knowledge() const {
    const std::lock_guard lock(mutex_);
    return knowledge_;
  }
  // From the next question on.
  void use(std::shared_ptr<const Knowledge> knowledge) {
    const std::lock_guard lock(mutex_);
    // What was is given back behind the lock: it may be gigabytes.
    knowledge_.swap(knowledge);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Knowledge> knowledge_;
};

}  // namespace weerbaar::decide

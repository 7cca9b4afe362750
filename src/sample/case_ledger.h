// The cases that are being worked on: who handles which, since when, and the facts that tell of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sample/day_book.h"
#include "sample/fact_writer.h"
#include "sample/organisation.h"
#include "sample/population.h"

namespace weerbaar::sample {

struct Case {
  uint32_t number = 0;
  PersonNumber person = 0;
  PersonNumber partner = kNobody;  // whom it concerns too
  int64_t registered = 0;          // since when it is on record
  int64_t handled_since = 0;       // by whom it is with now
  uint32_t sessions_left = 0;
  int64_t next_day = 0;  // on which somebody looks at it again
};

// One that was closed and may still be looked at.
struct ClosedCase {
  PersonNumber person = 0;
  int64_t until_day = 0;
};

class CaseLedger {
 public:
  // `facts` is null when nobody wants them.
  CaseLedger(const Population& population, const Organisation& organisation, FactWriter* facts)
      : population_(population),
        organisation_(organisation),
        facts_(facts),
        active_(organisation.employees().size()),
        closed_(organisation.employees().size()) {}

  // A case of the employee. A backlog case is one from before the sample.
  Case& open(EmployeeNumber handler, PersonNumber person, int64_t registered, bool is_backlog, Random& random);
  [[nodiscard]] std::vector<Case>& active(EmployeeNumber handler) { return active_[handler]; }
  [[nodiscard]] const std::vector<Case>& active(EmployeeNumber handler) const { return active_[handler]; }
  [[nodiscard]] const std::vector<ClosedCase>& closed(EmployeeNumber handler) const { return closed_[handler]; }
  // Ends a case of the employee, by its place among the active ones.
  Status close(EmployeeNumber handler, size_t place, int64_t micros, int64_t day);
  // Gives it to a colleague of the same unit.
  Status hand_over(EmployeeNumber from, size_t place, EmployeeNumber to, int64_t micros);
  // Tells of those that are still open.
  Status finish();

  // What a case is about, as the facts say: the firm, or the vehicle, of the person.
  [[nodiscard]] bool concerns_firm(EmployeeNumber handler, PersonNumber person) const;
  [[nodiscard]] bool concerns_vehicle(EmployeeNumber handler, PersonNumber person) const;

 private:
  Status tell(EmployeeNumber handler, const Case& one, int64_t until);
  Status tell_handler(EmployeeNumber handler, const Case& one, int64_t until);
  [[nodiscard]] std::string name_of(const Case& one) const;

  const Population& population_;
  const Organisation& organisation_;
  FactWriter* facts_;
  uint32_t opened_ = 0;
  uint32_t backlog_ = 0;
  std::vector<std::vector<Case>> active_;        // by handler
  std::vector<std::vector<ClosedCase>> closed_;  // by handler, the last first to be forgotten
};

}  // namespace weerbaar::sample

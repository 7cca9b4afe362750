// Misuse that is planted in a sample: who does it, to whom, when and how. Planned before the first day, because the
// facts of the organisation must fit it: a former address, a last working day.
//
// Whoever misuses does the ordinary work too. No fact explains what is planted, unless it is marked as hiding behind a
// case: nobody of the actor's unit gets work about those persons (Wanted).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sample/case_ledger.h"
#include "sample/day_book.h"
#include "sample/fact_writer.h"
#include "sample/organisation.h"
#include "sample/population.h"
#include "sample/wanted.h"

namespace weerbaar::sample {

enum class MisuseKind : uint8_t {
  kCuriousNeighbour,  // looks at a few households of the own street, for weeks
  kExPartner,         // follows a former partner, and the new one
  kCelebrity,         // looks up who is of public interest
  kAddressSeller,     // addresses on order, in bursts
  kMassExport,        // lists in the evening, before leaving
  kSharedAccount,     // one account, two people
  kSlowLeaker,        // a few persons a week, under every threshold
  kBreakGlassAbuse,   // the emergency exit as the usual way, with nothing written down
  kCorruptPair,       // two who split a list
  kKinds
};
std::string_view to_string(MisuseKind kind);

struct PlantedCase {
  MisuseKind kind = MisuseKind::kCuriousNeighbour;
  std::vector<std::string> actors;  // their employee numbers
  std::vector<std::string> events;  // ids of the accesses, in the order of time
  bool hides_behind_case = false;   // some of them are explained, by a case that is real
  // A list of persons that came out, as TYPE:ID; empty when none did.
  std::vector<std::string> leaked;
  int64_t leaked_at = 0;  // microseconds
};

struct PlannedAccess {
  int64_t day = 0;
  uint16_t planted = 0;  // of the plan, from 1
  NotedAccess access;
  std::vector<Target> targets;
  bool is_of_own_case = false;  // the target is a case that the actor has at that moment
};

struct DeclaredRelation {
  EmployeeNumber employee = 0;
  PersonNumber person = 0;
};

// A report that names a person, some time after a leak.
struct Report {
  uint16_t planted = 0;
  PersonNumber person = 0;
  int64_t micros = 0;
};

struct Plan {
  std::vector<PlantedCase> cases;
  std::vector<PlannedAccess> accesses;  // in the order of the day
  std::vector<DeclaredRelation> former_partners;
  std::vector<Report> reports;
};

// Plans all of it: two or three of each kind for 2,000 employees in a quarter, in proportion for others, and one at
// least. Changes what must fit: addresses, and who leaves when.
Plan plan_misuse(uint64_t seed, Population& population, Organisation& organisation, Wanted& wanted);

// Does what is planned, day by day, and keeps what came of it.
class Misuse {
 public:
  Misuse(Plan plan, const Population& population) : plan_(std::move(plan)), population_(population) {}

  [[nodiscard]] const Plan& plan() const { return plan_; }
  // Days come in order. After the ordinary work of the day, whose cases some of it hides behind.
  void add_day(int64_t day, const CaseLedger& cases, DayBook& book);
  void took_place(uint16_t planted, const AccessEvent& event);
  Status tell_reports(FactWriter& facts) const;
  // What was planted, and took place.
  [[nodiscard]] std::vector<PlantedCase> planted() const;

 private:
  Plan plan_;
  const Population& population_;
  size_t next_ = 0;
};

}  // namespace weerbaar::sample

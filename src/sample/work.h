// Ordinary work: who does what on a day, and the accesses and facts that come of it.
//
// Most of it can be explained by facts. Some of it cannot, though nothing is wrong with it: see Noise. And some of it
// looks like what detectors seek.
#pragma once

#include <cstdint>
#include <vector>

#include "sample/case_ledger.h"
#include "sample/day_book.h"
#include "sample/desk.h"
#include "sample/fact_writer.h"
#include "sample/organisation.h"
#include "sample/population.h"
#include "sample/wanted.h"

namespace weerbaar::sample {

// Shares in ten-thousandths. Together they leave about one access in 25 without an explanation: the other 96 % are what
// studies of real systems found that paths through business data explain at best (Fabbri & LeFevre, VLDB 2011: 94 %).
struct Noise {
  static constexpr uint64_t kOf = 10'000;
  static constexpr uint64_t kColleagueHelps = 170;     // of tasks: a look at a case of another unit
  static constexpr uint64_t kOwnRecord = 6;            // of tasks: curiosity about oneself
  static constexpr uint64_t kNameSearch = 60;          // of tasks begin with a search by name, with several hits
  static constexpr uint64_t kWrongNumber = 150;        // of contacts and queue items begin with a number mistyped
  static constexpr uint64_t kLateRegistration = 350;   // of cases are worked on before they are on record
  static constexpr uint64_t kMissingContact = 420;     // of contacts are not on record
  static constexpr uint64_t kBeyondActivity = 8;       // of accesses show more than the activity needs
  static constexpr uint64_t kBreakGlass = 8;           // of tasks: the glass is broken for good reason
  static constexpr uint64_t kForgottenReason = 1'500;  // of those: without a word of it
};

class Work {
 public:
  // `facts` is null when nobody wants them. All must outlive it.
  Work(const Population& population, const Organisation& organisation, const Wanted& wanted, Scale scale, DayBook& book,
       FactWriter* facts);

  // What happened before the first day.
  void make_backlog();
  // Notes a day of everybody; days come in order.
  Status add_day(int64_t day);
  // Facts that have no end yet.
  Status finish();

  [[nodiscard]] const CaseLedger& cases() const { return cases_; }

 private:
  struct Audit {
    PersonNumber person = 0;
    int64_t begin = 0;
    int64_t end_day = 0;
  };

  Status add_roster(EmployeeNumber employee, int64_t day, const WorkDay& work);
  Status hand_over_when_away(EmployeeNumber employee, int64_t day);
  Status do_work(EmployeeNumber employee, int64_t day, const WorkDay& work);
  [[nodiscard]] uint64_t tasks_of(EmployeeNumber employee, int64_t day, const WorkDay& work, Random& random) const;
  Status do_task(Desk& desk, uint64_t place, uint64_t places);

  // Kinds of work. Each begins with a task that the desk has begun.
  Status work_on_case(Desk& desk, uint64_t place, uint64_t places);
  Status open_case(Desk& desk, PersonNumber person, size_t& place);
  void read_about(Desk& desk, EmployeeNumber handler, const Case& one, uint64_t accesses, Remark remark);
  Status talk(Desk& desk, std::string_view channel, uint64_t accesses);
  Status take_from_queue(Desk& desk, uint64_t accesses);
  Status work_on_audit(Desk& desk, uint64_t accesses);
  Status end_audit(EmployeeNumber employee, size_t place, int64_t until);
  void look_in_region(Desk& desk, uint64_t accesses);
  void test_system(Desk& desk, uint64_t accesses);
  void review(Desk& desk, uint64_t accesses);
  bool cover_for_colleague(Desk& desk, uint64_t accesses);
  void help_colleague(Desk& desk, uint64_t accesses);
  void break_glass(Desk& desk, uint64_t accesses);
  void search_by_name(Desk& desk, PersonNumber person);
  void mistype(Desk& desk, PersonNumber person);
  void look_at(Desk& desk, PersonNumber person, uint64_t accesses, Remark remark);

  // What a unit does together, or what befalls it.
  void print_in_bulk(UnitNumber unit, int64_t day);
  Status look_at_news(UnitNumber unit, int64_t day);
  void run_services(int64_t day);

  [[nodiscard]] PersonNumber choose_person(Desk& desk) const;
  [[nodiscard]] bool may_handle(EmployeeNumber employee, PersonNumber person, Random& random) const;
  [[nodiscard]] SystemNumber choose_system(Desk& desk) const;
  [[nodiscard]] Target target_of(EmployeeNumber handler, PersonNumber person, SystemNumber system) const;
  [[nodiscard]] const Case* case_of_colleague(EmployeeNumber colleague, int64_t micros, Random& random) const;

  const Population& population_;
  const Organisation& organisation_;
  const Wanted& wanted_;
  Scale scale_;
  DayBook& book_;
  FactWriter* facts_;
  CaseLedger cases_;
  std::vector<std::vector<Audit>> audits_;            // by employee
  std::vector<std::pair<int64_t, UnitNumber>> news_;  // when something about a client of the unit is in the papers
};

}  // namespace weerbaar::sample

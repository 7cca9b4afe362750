// The accesses of one day: noted in any order, given as access events in the order of time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "sample/organisation.h"
#include "sample/population.h"

namespace weerbaar::sample {

// What a person is looked at as.
enum class Guise : uint8_t {
  kCitizen,
  kVehicle,     // the vehicle of the person
  kFirm,        // by its fiscal number
  kTradeEntry,  // the firm again, by its number in the trade register
  kMistyped,    // a number that is nobody's: two digits of the person's have changed places
};

struct Target {
  PersonNumber person = 0;
  Guise guise = Guise::kCitizen;
};

enum class Query : uint8_t { kNothing, kNumber, kSurname, kAddress };

// Why a legitimate access is not on record, or what else is special about it: for counting.
enum class Remark : uint8_t {
  kOrdinary,
  kColleagueHelps,
  kWrongNumber,
  kOwnRecord,
  kLateRegistration,
  kMissingContact,
  kNameSearch,
  kSupportTest,
  kForgottenReason,  // the glass was broken for good reason, and the reason not given
  kBeyondActivity,
  kServiceAccount,
  kAfterCare,
  kBackFromHoliday,
  kOvertime,
  kAuditExport,
  kPrintRun,
  kBreakGlass,
  kTwoScreens,
  kMedia,
  kRemarks
};

// Whose account.
enum class Account : uint8_t { kOwn, kSecond, kService };

struct NotedAccess {
  int64_t micros = 0;
  EmployeeNumber employee = 0;  // whose account it is; of a service account the number of the system
  EmployeeNumber seated = 0;    // who sits there
  uint32_t order = 0;           // in which it was noted
  uint32_t targets_begin = 0;
  uint32_t targets = 0;
  uint32_t case_number = 0;  // claimed; 0: none
  uint32_t records = 0;
  uint16_t planted = 0;  // the planted case, from 1; 0: legitimate
  SystemNumber system = kBvr;
  uint8_t component = 0;
  Action action = Action::kRead;
  Query query = Query::kNothing;
  Remark remark = Remark::kOrdinary;
  Account account = Account::kOwn;
  uint8_t reason = 0;  // of good_reasons(), from 1; 0: none
  uint8_t screen = 0;
  bool break_glass = false;
  bool names_activity = true;
  bool is_at_home = false;
};

// "Z-2026-0004711". The cases of the years before have numbers from kOldCases on.
std::string case_name(uint32_t number, int64_t year);
inline constexpr uint32_t kOldCases = 1U << 30U;

struct Counts {
  uint64_t events = 0;
  uint64_t claims = 0;
  std::vector<uint64_t> remarks = std::vector<uint64_t>(static_cast<size_t>(Remark::kRemarks), 0);
};

class DayBook {
 public:
  static constexpr size_t kBatchEvents = 8'192;

  // Given nothing to `take`, it only counts.
  using Take = std::function<Status(EventBatch& events)>;
  using TakePlanted = std::function<void(uint16_t planted, const AccessEvent& event)>;
  // All must outlive it, and the events that it makes. Those of `take` are in batches, which it may empty.
  DayBook(const Population& population, const Organisation& organisation, Take take, TakePlanted take_planted);

  // The targets of `access` are `targets`.
  void note(NotedAccess access, std::span<const Target> targets);
  void note(const NotedAccess& access, Target target) { note(access, {&target, 1}); }
  // Gives all that was noted, and forgets it.
  Status give(int64_t day);
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  void count(const NotedAccess& access);
  void add_event(const NotedAccess& noted, int64_t day);
  void set_actor(const NotedAccess& noted, AccessEvent& event) const;
  void set_workplace(const NotedAccess& noted, int64_t day, AccessEvent& event);
  void set_subjects(const NotedAccess& noted, AccessEvent& event);
  [[nodiscard]] std::string_view id_of(Target target);
  [[nodiscard]] std::string_view query_of(Query query, Target target);

  const Population& population_;
  const Organisation& organisation_;
  Take take_;
  TakePlanted take_planted_;
  std::vector<NotedAccess> noted_;
  std::vector<Target> targets_;
  EventBatch batch_;
  std::vector<Subject> subjects_;
  std::vector<uint64_t> numbers_;  // of the events of each system so far
  std::vector<std::string> service_accounts_;
  Counts counts_;
};

}  // namespace weerbaar::sample

// Mandates: under which identities may be revealed. One person asks, another approves, and it ends by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "people/about.h"
#include "people/accounts.h"
#include "people/store.h"

namespace weerbaar::people {

inline constexpr int64_t kMandateDaysMax = 92;
// So long after the end of a mandate the employee whom it was about is not told of what was done under it: others who
// are looked into for the same may not be warned.
inline constexpr int64_t kSilenceDays = 92;

struct MandateRequest {
  std::string case_id;
  std::string ground;  // why, and by which rule
  About about;         // the identity, by which all is decided: one employee whose accesses, or one person of whom the
                       // accesses, are looked into
  int64_t from = 0;    // microseconds; it is valid up to `to`
  int64_t to = 0;
  // Of the employee, "~2026-Q1:5f3a…", as a signal shows it, when he was asked about by it: the mandate then tells
  // nobody whom it means. Empty: asked by identity.
  std::string pseudonym;
};

struct Mandate : MandateRequest {
  enum class State : uint8_t { kAsked, kApproved, kWithdrawn, kEnded };

  int64_t number = 0;    // says nothing of when it was asked, or of others
  std::string asked_by;  // employee
  int64_t asked_at = 0;
  std::string approved_by;
  int64_t approved_at = 0;  // 0: not
  std::string withdrawn_by;
  int64_t withdrawn_at = 0;

  [[nodiscard]] State state(int64_t now) const;
  // Whom it is about, as it was asked: "employee:u1234", "employee:~2026-Q1:5f3a…".
  [[nodiscard]] std::string about_as_asked() const;
  // The first moment at which it is no longer, or will be no longer.
  [[nodiscard]] int64_t ends() const { return withdrawn_at != 0 && withdrawn_at < to ? withdrawn_at : to; }
};
std::string_view to_string(Mandate::State state);

// Thread-safe. Every change is recorded first, from `deed`, of which it fills in whom it is about, case, ground and
// mandate. Roles are checked here too, whoever calls.
//
// A mandate about somebody is not there for him, but for one that he asked himself by a pseudonym: were that refused or
// hidden, he would know the pseudonym for his own. It is never approved, and covers nothing.
class Mandates {
 public:
  Mandates(Store& store, Accounts& accounts) : store_(store), accounts_(accounts) {}

  // kInvalid for a period that is empty, past, or longer than kMandateDaysMax, and for a case or ground that is empty
  // or too long; kDenied for who may not ask, and about oneself by identity.
  Result<Mandate> ask(const Account& asker, const MandateRequest& request, Deed deed, const Record& record);
  // kDenied for who may not decide, for the person who asked, by whatever account, and when who asked is whom it is
  // about; kExists for one that was decided about, kInvalid for one that has ended, kNotFound.
  Result<Mandate> approve(const Account& approver, int64_t number, Deed deed, const Record& record);
  // By who asked it, and by who may decide. kExists when it was withdrawn.
  Result<Mandate> withdraw(const Account& by, int64_t number, Deed deed, const Record& record);

  // The last `limit`, or of those asked before the one with the number `after`, the newest first: all but those about
  // the viewer, or those that the account asked when it may decide about none and is no auditor. kInvalid when `after`
  // is none that it shows.
  Result<std::vector<Mandate>> list(const Account& viewer, std::optional<int64_t> after, uint64_t limit);
  // One of those. kNotFound for what list() would not show.
  Result<Mandate> find(const Account& viewer, int64_t number);
  Result<Mandate> find(int64_t number);
  // The same as find() for the account that asked it, while it is approved and valid, who may then be told whom it is
  // about; kDenied for others that find() would show it, and at other times.
  Result<Mandate> find_to_reveal(const Account& viewer, int64_t number);
  // The one by which this account may see identities of these accesses now; nothing: none does.
  Result<std::optional<Mandate>> covering(const Account& viewer, const About& about);

 private:
  [[nodiscard]] bool is_oneself(const About& about, const Account& account) const;
  [[nodiscard]] bool is_hidden_from(const Mandate& mandate, const Account& account) const;
  // `asker`: the number of the account that asked.
  [[nodiscard]] bool sees(const Account& viewer, const Mandate& mandate, int64_t asker) const;

  Store& store_;
  Accounts& accounts_;
};

}  // namespace weerbaar::people

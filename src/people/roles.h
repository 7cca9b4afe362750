// Who may do what in Weerbaar: roles, and the one table that says what each may. docs/people.md shows the table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::people {

enum class Role : uint8_t {
  kEmployee,
  kManager,
  kConfidentialAdviser,
  kAnalyst,
  kInvestigator,
  kAuthorisationManager,
  kAuditor,
  kDataProtectionOfficer,
  kCitizensDesk,
  kAdministrator,
};
inline constexpr size_t kRoles = 10;

enum class Permission : uint8_t {
  kSeeOwn,             // who looked at oneself in Weerbaar
  kSeeReports,         // counts without identities
  kSeeSignals,         // under pseudonyms
  kSeeConsultations,   // under pseudonyms
  kSeeWithoutMandate,  // the same, of whomever; without it a mandate must reach
  kReveal,             // identities, as far as a mandate reaches
  kTraceLeaks,         // who consulted persons whose data leaked, under pseudonyms
  kAskMandate,
  kDecideMandate,  // approve one that another person asked
  kWithdrawMandate,
  kSeeMandates,
  kReviewDecisions,  // those of break-glass
  kSeeAuthorisations,
  kProve,           // proofs and checkpoints of the trail
  kAnswerCitizens,  // what was consulted of one person, and not by whom
  kManageAccounts,
};
inline constexpr size_t kPermissions = 16;

// As written in the API, the database and documents: "data-protection-officer", "see-consultations".
std::string_view to_string(Role role);
std::string_view to_string(Permission permission);
std::optional<Role> parse_role(std::string_view word);
std::array<Role, kRoles> all_roles();
std::array<Permission, kPermissions> all_permissions();

bool may(Role role, Permission permission);
// Whether a role that may do it gets to see what was recorded about others.
bool is_content(Permission permission);

using Roles = std::vector<Role>;  // each once
bool may(const Roles& roles, Permission permission);

// Whether one person may have all of these. kDenied for the administrator together with a role that sees content, and
// for who may ask for a mandate together with who may decide about it.
Status check_together(const Roles& roles);

}  // namespace weerbaar::people

#include "people/roles.h"

#include <fmt/format.h>

#include <algorithm>

namespace weerbaar::people {
namespace {

constexpr std::array<std::string_view, kRoles> kRoleWords = {"employee",
                                                             "manager",
                                                             "confidential-adviser",
                                                             "analyst",
                                                             "investigator",
                                                             "authorisation-manager",
                                                             "auditor",
                                                             "data-protection-officer",
                                                             "citizens-desk",
                                                             "administrator"};

constexpr uint16_t of(std::initializer_list<Role> roles) {
  uint16_t bits = 0;
  for (const Role role : roles) bits = static_cast<uint16_t>(bits | 1U << static_cast<unsigned>(role));
  return bits;
}

struct Line {
  Permission permission;
  std::string_view word;
  bool is_content;
  uint16_t roles;
};

constexpr std::array<Line, kPermissions> kTable = {{
    {Permission::kSeeOwn, "see-own", false, of({Role::kEmployee})},
    {Permission::kSeeReports, "see-reports", true,
     of({Role::kManager, Role::kConfidentialAdviser, Role::kAnalyst, Role::kAuthorisationManager, Role::kAuditor,
         Role::kDataProtectionOfficer})},
    {Permission::kSeeSignals, "see-signals", true,
     of({Role::kConfidentialAdviser, Role::kAnalyst, Role::kInvestigator})},
    {Permission::kSeeConsultations, "see-consultations", true,
     of({Role::kAnalyst, Role::kInvestigator, Role::kAuditor})},
    {Permission::kSeeWithoutMandate, "see-without-mandate", true, of({Role::kAnalyst, Role::kAuditor})},
    {Permission::kReveal, "reveal", true, of({Role::kInvestigator})},
    {Permission::kTraceLeaks, "trace-leaks", true, of({Role::kInvestigator})},
    {Permission::kAskMandate, "ask-mandate", true, of({Role::kInvestigator})},
    {Permission::kDecideMandate, "decide-mandate", true,
     of({Role::kConfidentialAdviser, Role::kDataProtectionOfficer})},
    {Permission::kWithdrawMandate, "withdraw-mandate", true,
     of({Role::kInvestigator, Role::kConfidentialAdviser, Role::kDataProtectionOfficer})},
    {Permission::kSeeMandates, "see-mandates", true,
     of({Role::kInvestigator, Role::kConfidentialAdviser, Role::kAuditor, Role::kDataProtectionOfficer})},
    {Permission::kReviewDecisions, "review-decisions", true, of({Role::kConfidentialAdviser})},
    {Permission::kSeeAuthorisations, "see-authorisations", true, of({Role::kAuthorisationManager, Role::kAuditor})},
    {Permission::kProve, "prove", true, of({Role::kAuditor, Role::kDataProtectionOfficer})},
    {Permission::kAnswerCitizens, "answer-citizens", true, of({Role::kCitizensDesk})},
    {Permission::kManageAccounts, "manage-accounts", false, of({Role::kAdministrator})},
}};

const Line& line(Permission permission) {
  return kTable[static_cast<size_t>(permission)];
}

static_assert(std::ranges::all_of(kTable, [](const Line& line) {
  return &line - kTable.data() == static_cast<std::ptrdiff_t>(line.permission);
}));

}  // namespace

std::string_view to_string(Role role) {
  return kRoleWords[static_cast<size_t>(role)];
}

std::string_view to_string(Permission permission) {
  return line(permission).word;
}

std::optional<Role> parse_role(std::string_view word) {
  const auto* const found = std::ranges::find(kRoleWords, word);
  if (found == kRoleWords.end()) return std::nullopt;
  return static_cast<Role>(found - kRoleWords.begin());
}

std::array<Role, kRoles> all_roles() {
  std::array<Role, kRoles> roles{};
  for (size_t i = 0; i < kRoles; ++i) roles[i] = static_cast<Role>(i);
  return roles;
}

std::array<Permission, kPermissions> all_permissions() {
  std::array<Permission, kPermissions> permissions{};
  for (size_t i = 0; i < kPermissions; ++i) permissions[i] = static_cast<Permission>(i);
  return permissions;
}

bool may(Role role, Permission permission) {
  return (line(permission).roles & of({role})) != 0;
}

bool is_content(Permission permission) {
  return line(permission).is_content;
}

bool may(const Roles& roles, Permission permission) {
  return std::ranges::any_of(roles, [permission](Role role) { return may(role, permission); });
}

Status check_together(const Roles& roles) {
  const bool sees_content = std::ranges::any_of(
      all_permissions(), [&roles](Permission permission) { return is_content(permission) && may(roles, permission); });
  if (may(roles, Permission::kManageAccounts) && sees_content) {
    return fail(Code::kDenied,
                "an administrator sees no content: one person cannot be administrator and have such a role too");
  }
  if (may(roles, Permission::kAskMandate) && may(roles, Permission::kDecideMandate)) {
    return fail(Code::kDenied, "who asks for mandates does not decide about them: one person cannot have both roles");
  }
  return {};
}

}  // namespace weerbaar::people

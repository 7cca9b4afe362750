#include "people/roles.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace weerbaar::people {
namespace {

// The table of docs/people.md, as a line "| permission | roles |" each.
std::string table_as_documented() {
  std::string table;
  for (const Permission permission : all_permissions()) {
    table += "| `" + std::string(to_string(permission)) + "` |";
    std::string_view mark = " ";
    for (const Role role : all_roles()) {
      if (!may(role, permission)) continue;
      table += mark;
      table += to_string(role);
      mark = ", ";
    }
    table += " |\n";
  }
  return table;
}

TEST(Roles, are_documented_as_they_are) {
  std::ifstream file(std::string(WEERBAAR_SOURCE_DIR) + "/docs/people.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find(table_as_documented()), std::string::npos) << "docs/people.md must hold this table:\n"
                                                                       << table_as_documented();
}

TEST(Roles, give_the_administrator_nothing_that_was_recorded_about_others) {
  for (const Permission permission : all_permissions()) {
    if (is_content(permission)) {
      EXPECT_FALSE(may(Role::kAdministrator, permission)) << to_string(permission);
    }
  }
  EXPECT_TRUE(may(Role::kAdministrator, Permission::kManageAccounts));
}

TEST(Roles, never_let_the_administrator_see_content_by_another_role) {
  for (const Role role : all_roles()) {
    const bool sees = role != Role::kEmployee && role != Role::kAdministrator;
    const Status together = check_together({Role::kAdministrator, role});
    EXPECT_EQ(together.has_value(), !sees) << to_string(role);
  }
}

TEST(Roles, keep_asking_and_deciding_apart) {
  for (const Role role : all_roles()) {
    EXPECT_FALSE(may(role, Permission::kAskMandate) && may(role, Permission::kDecideMandate)) << to_string(role);
  }
  EXPECT_FALSE(check_together({Role::kInvestigator, Role::kDataProtectionOfficer}));
  EXPECT_FALSE(check_together({Role::kConfidentialAdviser, Role::kInvestigator}));
  EXPECT_TRUE(check_together({Role::kInvestigator, Role::kEmployee, Role::kAnalyst}));
}

// A package of proofs about a person holds uses of Weerbaar under mandates too.
TEST(Roles, let_nobody_prove_who_may_not_see_mandates) {
  for (const Role role : all_roles()) {
    EXPECT_TRUE(!may(role, Permission::kProve) || may(role, Permission::kSeeMandates)) << to_string(role);
  }
}

TEST(Roles, give_the_desk_of_citizens_nothing_about_employees) {
  for (const Permission permission : all_permissions()) {
    EXPECT_EQ(may(Role::kCitizensDesk, permission), permission == Permission::kAnswerCitizens) << to_string(permission);
  }
}

TEST(Roles, are_read_as_they_are_written) {
  for (const Role role : all_roles()) EXPECT_EQ(parse_role(to_string(role)), role);
  EXPECT_EQ(parse_role("root"), std::nullopt);
  EXPECT_EQ(parse_role(""), std::nullopt);
}

}  // namespace
}  // namespace weerbaar::people

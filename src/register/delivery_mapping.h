// What an organisation says about a delivery in SCIM, LDIF or ZGW: the TOML file that goes with `--mapping`.
// docs/register.md tells operators the same.
//
//   origin = "hr-directory"          # whose facts these are; default: the name of the format
//   tables = ["employee", "account"] # of the delivery, only these; default: all that the format has
//   answers = 2                      # lists or searches that a snapshot holds; default: one for each kind of thing
//   may_lack_its_end = true          # a snapshot need not tell that it is whole
// SCIM and LDIF:
//   employee = "employeeNumber"      # the attribute that identifies an employee
//   unit = "department"              # of the position
//   function = "title"
//   pass_over_without_employee = true  # accounts without that attribute are of nobody: no refusal
//   system = "AD"                    # that groups without a rule give access to; the role is the name of the group
//   [[groups]]                       # at most 4,096
//   name = "BVR-*"                   # of the group; a star at the end stands for any rest
//   system = "BVR"
//   role = "read"                    # default: the name of the group
//   [[groups]]
//   name = "Everybody"
//   pass_over = true                 # says nothing about authorisation
// ZGW:
//   handlers = ["behandelaar"]       # roles by which an employee handles a case
//   [activities]                     # processing activity of a type of case; without it: the URL itself
//   "https://example.org/catalogi/api/v1/zaaktypen/0d1c…" = "bezwaar"
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "register/schema.h"

namespace weerbaar::facts {

struct GroupRule {
  std::string name;  // without the star
  bool is_beginning = false;
  bool passes_over = false;
  std::string system;
  std::string role;  // empty: the name of the group
};

struct DeliveryMapping {
  std::string origin;
  std::vector<const Table*> tables;
  std::optional<uint64_t> answers;
  bool may_lack_its_end = false;
  std::string employee;  // empty, as the next two: what the format has for it
  std::string unit;
  std::string function;
  bool pass_over_without_employee = false;
  std::string system;
  std::vector<GroupRule> groups;
  std::vector<std::string> handlers;
  std::map<std::string, std::string, std::less<>> activities;

  // The rule with that very name, else the longest beginning; null when there is none.
  [[nodiscard]] const GroupRule* find_rule(std::string_view group) const;
  [[nodiscard]] bool covers(std::string_view table) const;
};

// `format` is scim, ldif or zgw; an empty text is a mapping of which everything is left to the defaults. kInvalid with
// file, line, column and remedy: not TOML, a key that the format has no use for, a wrong type or value.
Result<DeliveryMapping> parse_delivery_mapping(std::string_view format, std::string_view text, std::string_view name);

}  // namespace weerbaar::facts

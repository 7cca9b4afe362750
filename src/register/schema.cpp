#include "register/schema.h"

#include <algorithm>

namespace weerbaar::facts {
namespace {

constexpr bool kRequired = true;

constexpr std::string_view kChannels[] = {"phone", "counter", "letter", "mail", "visit"};
constexpr std::string_view kRelations[] = {"self",    "partner",   "former-partner", "parent", "child",
                                           "sibling", "household", "neighbour",      "other"};

constexpr Column kAbsence[] = {{"employee", Kind::kEmployee, kRequired}, {"reason", Kind::kText}};
constexpr Column kAccountOf[] = {{"account", Kind::kAccount, kRequired}, {"employee", Kind::kEmployee, kRequired}};
constexpr Column kActivityOf[] = {
    {"activity", Kind::kActivity, kRequired}, {"name", Kind::kText}, {"legal_basis", Kind::kText}};
constexpr Column kActivityData[] = {{"activity", Kind::kActivity, kRequired}, {"data", Kind::kData, kRequired}};
constexpr Column kAudit[] = {{"employee", Kind::kEmployee, kRequired}, {"subject", Kind::kSubject, kRequired}};
constexpr Column kAuthorisation[] = {
    {"employee", Kind::kEmployee, kRequired}, {"system", Kind::kSystem, kRequired}, {"role", Kind::kRole, kRequired}};
constexpr Column kCaseOf[] = {{"case", Kind::kCase, kRequired}, {"activity", Kind::kActivity}, {"name", Kind::kText}};
constexpr Column kCaseEmployee[] = {{"case", Kind::kCase, kRequired}, {"employee", Kind::kEmployee, kRequired}};
constexpr Column kCaseSubject[] = {
    {"case", Kind::kCase, kRequired}, {"subject", Kind::kSubject, kRequired}, {"role", Kind::kText}};
constexpr Column kCaseUnit[] = {{"case", Kind::kCase, kRequired}, {"unit", Kind::kUnit, kRequired}};
constexpr Column kContact[] = {{"employee", Kind::kEmployee, kRequired},
                               {"subject", Kind::kSubject, kRequired},
                               {"channel", Kind::kWord, kRequired, kChannels}};
constexpr Column kDuty[] = {
    {"employee", Kind::kEmployee, kRequired}, {"region", Kind::kRegion, kRequired}, {"name", Kind::kText}};
constexpr Column kEmployeeOf[] = {{"employee", Kind::kEmployee, kRequired},
                                  {"name", Kind::kText},
                                  {"surname", Kind::kText},
                                  {"subject", Kind::kSubject},
                                  {"address", Kind::kAddress}};
constexpr Column kFunctionOf[] = {{"function", Kind::kFunction, kRequired}, {"name", Kind::kText}};
constexpr Column kHoney[] = {{"subject", Kind::kSubject, kRequired}, {"remark", Kind::kText}};
constexpr Column kLocationOf[] = {
    {"location", Kind::kLocation, kRequired}, {"name", Kind::kText}, {"region", Kind::kRegion}};
constexpr Column kPerson[] = {{"subject", Kind::kSubject, kRequired},
                              {"surname", Kind::kText},
                              {"address", Kind::kAddress},
                              {"region", Kind::kRegion}};
constexpr Column kPosition[] = {{"employee", Kind::kEmployee, kRequired},
                                {"unit", Kind::kUnit, kRequired},
                                {"function", Kind::kFunction, kRequired},
                                {"location", Kind::kLocation}};
constexpr Column kPresence[] = {{"employee", Kind::kEmployee, kRequired}, {"location", Kind::kLocation, kRequired}};
constexpr Column kPublicFigure[] = {{"subject", Kind::kSubject, kRequired}, {"remark", Kind::kText}};
constexpr Column kQueueItem[] = {{"queue", Kind::kQueue, kRequired},
                                 {"employee", Kind::kEmployee, kRequired},
                                 {"subject", Kind::kSubject, kRequired},
                                 {"case", Kind::kCase}};
constexpr Column kRelation[] = {{"employee", Kind::kEmployee, kRequired},
                                {"subject", Kind::kSubject, kRequired},
                                {"relation", Kind::kWord, kRequired, kRelations}};
constexpr Column kReported[] = {
    {"report", Kind::kText, kRequired}, {"subject", Kind::kSubject, kRequired}, {"remark", Kind::kText}};
constexpr Column kShielded[] = {{"subject", Kind::kSubject, kRequired}, {"ground", Kind::kText}};
constexpr Column kShift[] = {{"employee", Kind::kEmployee, kRequired}, {"location", Kind::kLocation}};
constexpr Column kSupervisor[] = {{"employee", Kind::kEmployee, kRequired}, {"supervisor", Kind::kEmployee, kRequired}};
constexpr Column kSystemOf[] = {{"system", Kind::kSystem, kRequired}, {"name", Kind::kText}};
constexpr Column kUnitOf[] = {{"unit", Kind::kUnit, kRequired}, {"name", Kind::kText}, {"part_of", Kind::kUnit}};

constexpr Table kTables[] = {{"absence", 1, kAbsence},
                             {"account", 1, kAccountOf},
                             {"activity", 1, kActivityOf},
                             {"activity_data", 2, kActivityData},
                             {"audit", 2, kAudit},
                             {"authorisation", 3, kAuthorisation},
                             {"case", 1, kCaseOf},
                             {"case_employee", 2, kCaseEmployee},
                             {"case_subject", 2, kCaseSubject},
                             {"case_unit", 2, kCaseUnit},
                             {"contact", 3, kContact},
                             {"duty", 2, kDuty},
                             {"employee", 1, kEmployeeOf},
                             {"function", 1, kFunctionOf},
                             {"honey", 1, kHoney},
                             {"location", 1, kLocationOf},
                             {"person", 1, kPerson},
                             {"position", 3, kPosition},
                             {"presence", 1, kPresence},
                             {"public_figure", 1, kPublicFigure},
                             {"queue_item", 3, kQueueItem},
                             {"relation", 3, kRelation},
                             {"reported", 2, kReported},
                             {"shielded", 1, kShielded},
                             {"shift", 1, kShift},
                             {"supervisor", 2, kSupervisor},
                             {"system", 1, kSystemOf},
                             {"unit", 1, kUnitOf}};

constexpr std::string_view kKindNames[kKinds] = {"employee", "account", "unit",     "function", "location", "region",
                                                 "address",  "system",  "activity", "data",     "case",     "queue",
                                                 "role",     "subject", "text",     "word"};

}  // namespace

std::string_view to_string(Kind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

std::span<const Table> tables() {
  return kTables;
}

const Table* find_table(std::string_view name) {
  const auto found = std::ranges::find(kTables, name, &Table::name);
  return found == std::end(kTables) ? nullptr : &*found;
}

}  // namespace weerbaar::facts

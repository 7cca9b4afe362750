#include "server/employee_directory.h"

#include <algorithm>
#include <functional>

namespace weerbaar::server {
namespace {

// Columns of the table of accounts, and of that of employees.
constexpr size_t kAccount = 0;
constexpr size_t kEmployee = 1;
constexpr size_t kIdOfEmployee = 0;
constexpr size_t kSubjectOfEmployee = 3;

// All facts of a table as it was last imported, held against the trail.
Status read_table(facts::Register& facts, const ImportLedger& ledger, std::string_view name,
                  const std::function<Status(const facts::Fact&)>& take) {
  const facts::Table& table = *facts::find_table(name);
  facts::TableState state;
  WEERBAAR_TRY(facts.read(table, ledger.last(), take, &state));
  return ledger.compare(table.name, ledger.last(), state, facts.name());
}

}  // namespace

Result<std::vector<std::string>> EmployeeDirectory::of(std::string_view id) {
  const std::lock_guard lock(mutex_);
  WEERBAAR_TRY(look_if_due());
  const std::string employee = employee_of(id);
  std::vector<std::string> ids = {employee};
  if (const auto found = accounts_.find(employee); found != accounts_.end()) {
    ids.insert(ids.end(), found->second.begin(), found->second.end());
  }
  return ids;
}

Result<std::vector<people::About>> EmployeeDirectory::persons(std::string_view id) {
  const std::lock_guard lock(mutex_);
  WEERBAAR_TRY(look_if_due());
  const auto found = persons_.find(employee_of(id));
  return found == persons_.end() ? std::vector<people::About>() : found->second;
}

std::string EmployeeDirectory::employee_of(std::string_view id) const {
  const auto account = employees_.find(id);
  return account == employees_.end() ? std::string(id) : account->second;
}

Status EmployeeDirectory::look_if_due() {
  const Clock::time_point now = Clock::now();
  if (!looked_ || now - *looked_ >= kLookEvery) {
    looked_ = now;
    problem_ = std::nullopt;
    if (const Status seen = look(); !seen) {
      problem_ = seen.error();
      log_.often("who has several accounts is not known", {{"why", std::string_view(problem_->text)}});
    }
  }
  if (problem_) return std::unexpected(*problem_);
  return {};
}

Status EmployeeDirectory::look() {
  uint64_t imports = 0;
  WEERBAAR_TRY(read_([&imports](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(const ImportLedger ledger, ImportLedger::read(trail));
    imports = ledger.last();
    return {};
  }));
  // Opening a register that is not there makes it, and whoever looks makes nothing.
  return imports == imports_ ? Status() : read_register(imports);
}

Status EmployeeDirectory::read_register(uint64_t imports) {
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data_.open_register());
  WEERBAAR_ASSIGN(const ImportLedger ledger, ledger_of(*facts, read_));
  const int64_t now = os::now().micros;
  decltype(employees_) employees;
  decltype(accounts_) accounts;
  decltype(persons_) persons;
  WEERBAAR_TRY(read_table(*facts, ledger, "account", [&](const facts::Fact& fact) -> Status {
    if (fact.valid_from > now || now >= fact.valid_to || fact.values[kAccount] == fact.values[kEmployee]) return {};
    employees.emplace(fact.values[kAccount], fact.values[kEmployee]);
    accounts[std::string(fact.values[kEmployee])].emplace_back(fact.values[kAccount]);
    return {};
  }));
  // Who somebody is does not end with an employment.
  WEERBAAR_TRY(read_table(*facts, ledger, "employee", [&](const facts::Fact& fact) -> Status {
    const auto person = people::parse_about(fact.values[kSubjectOfEmployee]);
    if (!person) return {};
    std::vector<people::About>& of = persons[std::string(fact.values[kIdOfEmployee])];
    if (std::ranges::find(of, *person) == of.end()) of.push_back(*person);
    return {};
  }));
  employees_ = std::move(employees);
  accounts_ = std::move(accounts);
  persons_ = std::move(persons);
  imports_ = imports;
  return {};
}

}  // namespace weerbaar::server

#include "server/employee_directory.h"

namespace weerbaar::server {
namespace {

// Columns of the table of accounts.
constexpr size_t kAccount = 0;
constexpr size_t kEmployee = 1;

}  // namespace

Result<std::vector<std::string>> EmployeeDirectory::of(std::string_view id) {
  const std::lock_guard lock(mutex_);
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
  const auto account = employees_.find(id);
  const std::string employee = account == employees_.end() ? std::string(id) : account->second;
  std::vector<std::string> ids = {employee};
  if (const auto found = accounts_.find(employee); found != accounts_.end()) {
    ids.insert(ids.end(), found->second.begin(), found->second.end());
  }
  return ids;
}

Status EmployeeDirectory::look() {
  uint64_t imports = 0;
  WEERBAAR_TRY(read_([&imports](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(const ImportLedger ledger, ImportLedger::read(trail));
    imports = ledger.last();
    return {};
  }));
  // Opening a register that is not there makes it, and whoever looks makes nothing.
  return imports == imports_ ? Status() : read_accounts(imports);
}

Status EmployeeDirectory::read_accounts(uint64_t imports) {
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data_.open_register());
  WEERBAAR_ASSIGN(const ImportLedger ledger, ledger_of(*facts, read_));
  const facts::Table& table = *facts::find_table("account");
  const int64_t now = os::now().micros;
  std::map<std::string, std::string, std::less<>> employees;
  std::map<std::string, std::vector<std::string>, std::less<>> accounts;
  facts::TableState state;
  const auto take = [&](const facts::Fact& fact) -> Status {
    if (fact.valid_from > now || now >= fact.valid_to || fact.values[kAccount] == fact.values[kEmployee]) return {};
    employees.emplace(fact.values[kAccount], fact.values[kEmployee]);
    accounts[std::string(fact.values[kEmployee])].emplace_back(fact.values[kAccount]);
    return {};
  };
  WEERBAAR_TRY(facts->read(table, ledger.last(), take, &state));
  WEERBAAR_TRY(ledger.compare(table.name, ledger.last(), state, facts->name()));
  employees_ = std::move(employees);
  accounts_ = std::move(accounts);
  imports_ = imports;
  return {};
}

}  // namespace weerbaar::server

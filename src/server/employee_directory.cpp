#include "server/employee_directory.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>

namespace weerbaar::server {
namespace {

// Columns of the table of accounts, and of that of employees.
constexpr size_t kAccount = 0;
constexpr size_t kEmployee = 1;
constexpr size_t kIdOfEmployee = 0;
constexpr size_t kSubjectOfEmployee = 3;
constexpr size_t kSubjectOfRelation = 1;
constexpr size_t kKindOfRelation = 2;

// All facts of a table as it was last imported, held against the trail.
Status read_table(facts::Register& facts, const ImportLedger& ledger, std::string_view name,
                  const std::function<Status(const facts::Fact&)>& take) {
  const facts::Table& table = *facts::find_table(name);
  facts::TableState state;
  WEERBAAR_TRY(facts.read(table, ledger.last(), take, &state));
  return ledger.compare(table.name, ledger.last(), state, facts.name());
}

}  // namespace

std::set<std::string> EmployeeDirectory::written(const std::string& folded, std::string_view asked) const {
  const auto found = written_.find(folded);
  return found == written_.end() ? std::set<std::string>{std::string(asked)} : found->second;
}

Result<std::vector<std::string>> EmployeeDirectory::of(std::string_view id) {
  const std::lock_guard lock(mutex_);
  WEERBAAR_TRY(look_if_due());
  const int64_t now = os::now().micros;
  std::string employee = people::folded_id(id);
  const auto [first, last] = by_account_.equal_range(employee);
  const auto tie = std::find_if(first, last, [now](const auto& one) { return one.second.is_valid(now); });
  if (tie != last) employee = tie->second.employee;
  std::vector<std::string> ids;
  std::ranges::copy(written(employee, id), std::back_inserter(ids));
  const auto [begin, end] = by_employee_.equal_range(employee);
  for (auto own = begin; own != end; ++own) {
    if (own->second.is_valid(now)) std::ranges::copy(written(own->second.account, id), std::back_inserter(ids));
  }
  return ids;
}

Result<std::vector<std::string>> EmployeeDirectory::ever_of(std::string_view id) {
  const std::lock_guard lock(mutex_);
  WEERBAAR_TRY(look_if_due());
  // Down from every employee whose account it is: not up again from these, for accounts pass from one to another.
  std::set<std::string> folded = employees_of(id);
  std::vector<std::string> next(folded.begin(), folded.end());
  while (!next.empty()) {
    const auto [begin, end] = by_employee_.equal_range(next.back());
    next.pop_back();
    for (auto own = begin; own != end; ++own) {
      if (folded.insert(own->second.account).second) next.push_back(own->second.account);
    }
  }
  std::set<std::string> ids;
  for (const std::string& one : folded) ids.merge(written(one, id));
  return std::vector<std::string>(ids.begin(), ids.end());
}

Result<std::vector<people::About>> EmployeeDirectory::persons(std::string_view id) {
  const std::lock_guard lock(mutex_);
  WEERBAAR_TRY(look_if_due());
  std::vector<people::About> persons;
  for (const std::string& employee : employees_of(id)) {
    const auto found = persons_.find(employee);
    if (found != persons_.end()) persons.insert(persons.end(), found->second.begin(), found->second.end());
  }
  return persons;
}

std::set<std::string> EmployeeDirectory::employees_of(std::string_view id) const {
  std::set<std::string> employees = {people::folded_id(id)};
  std::vector<std::string> next = {people::folded_id(id)};
  while (!next.empty()) {
    const auto [begin, end] = by_account_.equal_range(next.back());
    next.pop_back();
    for (auto tie = begin; tie != end; ++tie) {
      if (employees.insert(tie->second.employee).second) next.push_back(tie->second.employee);
    }
  }
  return employees;
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
  Ties by_account;
  Ties by_employee;
  decltype(written_) written;
  decltype(persons_) persons;
  const auto fold = [&written](std::string_view id) {
    std::string folded = people::folded_id(id);
    written[folded].emplace(id);
    return folded;
  };
  WEERBAAR_TRY(read_table(*facts, ledger, "account", [&](const facts::Fact& fact) -> Status {
    const Tie tie{fold(fact.values[kAccount]), fold(fact.values[kEmployee]), fact.valid_from, fact.valid_to};
    if (tie.account == tie.employee) return {};
    by_account.emplace(tie.account, tie);
    by_employee.emplace(tie.employee, tie);
    return {};
  }));
  const auto add_person = [&persons](const std::string& employee, std::string_view subject) {
    const auto person = people::parse_about(subject);
    if (!person) return;
    std::vector<people::About>& of = persons[employee];
    if (std::ranges::find(of, *person) == of.end()) of.push_back(*person);
  };
  // Who somebody is does not end with an employment.
  WEERBAAR_TRY(read_table(*facts, ledger, "employee", [&](const facts::Fact& fact) -> Status {
    add_person(fold(fact.values[kIdOfEmployee]), fact.values[kSubjectOfEmployee]);
    return {};
  }));
  WEERBAAR_TRY(read_table(*facts, ledger, "relation", [&](const facts::Fact& fact) -> Status {
    if (fact.values[kKindOfRelation] == "self") add_person(fold(fact.values[0]), fact.values[kSubjectOfRelation]);
    return {};
  }));
  by_account_ = std::move(by_account);
  by_employee_ = std::move(by_employee);
  written_ = std::move(written);
  persons_ = std::move(persons);
  imports_ = imports;
  return {};
}

}  // namespace weerbaar::server

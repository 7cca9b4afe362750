#include "people/accounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "people/password.h"
#include "people/totp.h"

namespace weerbaar::people {
namespace {

constexpr std::string_view kColumns =
    "SELECT number, name, employee, issuer, subject, disabled, must_renew FROM account";

Account account_of(const sql::Row& row) {
  Account account;
  account.number = row.integer(0);
  account.name = row.text(1);
  account.employee = row.text(2);
  account.issuer = row.text(3);
  account.subject = row.text(4);
  account.disabled = row.integer(5) != 0;
  account.must_renew = row.integer(6) != 0;
  return account;
}

Result<std::vector<Account>> select(sql::Database& database, std::string_view condition,
                                    std::initializer_list<sql::Value> parameters) {
  std::vector<Account> accounts;
  WEERBAAR_TRY(database.query(fmt::format("{}{} ORDER BY name", kColumns, condition), parameters,
                              [&](const sql::Row& row) -> Status {
                                accounts.push_back(account_of(row));
                                return {};
                              }));
  for (Account& account : accounts) {
    WEERBAAR_TRY(database.query("SELECT role FROM account_role WHERE account = $1 ORDER BY role", {account.number},
                                [&](const sql::Row& row) -> Status {
                                  const auto role = parse_role(row.text(0));
                                  // A role that a newer program knows gives nothing here.
                                  if (role) account.roles.push_back(*role);
                                  return {};
                                }));
  }
  return accounts;
}

Result<Account> one_of(Result<std::vector<Account>> accounts) {
  if (!accounts) return std::unexpected(accounts.error());
  if (accounts->empty())
    return fail(Code::kNotFound, "there is no such account: `weerbaar account DIR list` names all");
  return std::move(accounts->front());
}

Result<Account> find_named(sql::Database& database, std::string_view name) {
  // Not every database takes such a text.
  if (!is_utf8(name) || name.find('\0') != std::string_view::npos) name = {};
  return one_of(select(database, " WHERE name = $1", {name}));
}

Status end_sessions(sql::Database& database, int64_t account) {
  WEERBAAR_TRY(database.change("DELETE FROM session WHERE account = $1", {account}));
  return {};
}

Result<int64_t> next_number(sql::Database& database) {
  int64_t number = 0;
  WEERBAAR_TRY(
      database.query("SELECT COALESCE(MAX(number), 0) + 1 FROM account", {}, [&](const sql::Row& row) -> Status {
        number = row.integer(0);
        return {};
      }));
  return number;
}

Status check_employee(std::string_view employee) {
  if (employee.empty() || employee.size() > kNameBytesMax || employee.starts_with(kPseudonymMark) ||
      !is_utf8(employee) || has_unseen(employee) || employee.front() == ' ' || employee.back() == ' ') {
    return fail(Code::kInvalid,
                fmt::format("an account is of an employee: 1 to {} bytes, not beginning with '{}', with "
                            "no blank before or behind and no character that cannot be seen",
                            kNameBytesMax, kPseudonymMark));
  }
  return {};
}

Status insert_role(sql::Database& database, int64_t account, Role role, const Deed& deed) {
  WEERBAAR_TRY(database.change("INSERT INTO account_role VALUES ($1, $2, $3, $4)",
                               {account, to_string(role), deed.by, deed.time.micros}));
  return {};
}

Result<std::vector<std::string>> with(std::string_view employee, Result<std::vector<std::string>> ids) {
  if (ids && std::ranges::find(*ids, employee) == ids->end()) ids->emplace_back(employee);
  return ids;
}

// To whom a sealed secret belongs.
std::string whose(int64_t account) {
  return fmt::format("account {}", account);
}

}  // namespace

Result<std::vector<std::string>> Accounts::ids_of(std::string_view employee) const {
  return with(employee, ids_ == nullptr ? std::vector<std::string>() : ids_->of(employee));
}

Result<std::vector<std::string>> Accounts::ids_ever_of(std::string_view employee) const {
  return with(employee, ids_ == nullptr ? std::vector<std::string>() : ids_->ever_of(employee));
}

bool Accounts::is_same_employee(std::string_view a, std::string_view b) const {
  const std::string folded = folded_id(b);
  if (folded_id(a) == folded) return true;
  const auto ids = ids_ever_of(a);
  if (!ids || std::ranges::find(*ids, folded, folded_id) != ids->end()) return true;
  const auto persons = persons_of(a);
  const auto others = persons_of(b);
  return !persons || !others || std::ranges::find_first_of(*persons, *others) != persons->end();
}

Result<std::vector<About>> Accounts::persons_of(std::string_view employee) const {
  return ids_ == nullptr ? std::vector<About>() : ids_->persons(employee);
}

bool Accounts::is_about(const About& about, std::string_view employee) const {
  if (about.type == SubjectType::kEmployee) return is_same_employee(about.id, employee);
  // The same number may be given under another type.
  const auto persons = persons_of(employee);
  return !persons || std::ranges::find(*persons, about.id, &About::id) != persons->end();
}

bool Accounts::is_same_person(const Account& a, const Account& b) const {
  if (a.number == b.number || is_same_employee(a.employee, b.employee)) return true;
  return !a.subject.empty() && a.issuer == b.issuer && a.subject == b.subject;
}

Status Accounts::check_person(sql::Database& database, const Account& account, const Roles& roles_of_account) const {
  WEERBAAR_ASSIGN(const std::vector<Account> all, select(database, "", {}));
  Roles together = roles_of_account;
  for (const Account& other : all) {
    if (other.number == account.number || !is_same_person(other, account)) continue;
    together.insert(together.end(), other.roles.begin(), other.roles.end());
  }
  return check_together(together);
}

Status check_account_name(std::string_view name) {
  // Names stand in addresses, of which "." and ".." are another one.
  const bool is_step = name == "." || name == "..";
  const bool right = !is_step && !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '@' || c == '-';
  });
  if (right) return {};
  return fail(Code::kInvalid, fmt::format("the name of an account has 1 to {} lower case letters, digits, '.', '_', "
                                          "'@' and '-', and is not '.' or '..'",
                                          kNameBytesMax));
}

Result<std::string> Accounts::set_secrets(sql::Database& database, int64_t account, std::string_view hash,
                                          bool must_renew) {
  WEERBAAR_ASSIGN(const Bytes secret, make_totp_secret());
  std::string base32 = to_base32(secret);
  WEERBAAR_ASSIGN(const std::string sealed, store_.box().seal(base32, whose(account)));
  WEERBAAR_TRY(database.change(
      "UPDATE account SET password = $1, totp_secret = $2, totp_step = 0, must_renew = $3 WHERE number = $4",
      {hash, sealed, int64_t{must_renew}, account}));
  WEERBAAR_TRY(end_sessions(database, account));
  return base32;
}

Result<std::string> Accounts::add(std::string_view name, std::string_view employee, std::string_view password,
                                  Deed deed, const Record& record) {
  WEERBAAR_TRY(check_account_name(name));
  WEERBAAR_TRY(check_employee(employee));
  WEERBAAR_TRY(check_password(password, name));
  WEERBAAR_ASSIGN(const std::string hash, hash_password(password));
  deed.about = {{SubjectType::kEmployee, std::string(employee)}};
  return store_.write([&](sql::Database& database) -> Result<std::string> {
    if (find_named(database, name)) return fail(Code::kExists, "there is an account of that name already");
    WEERBAAR_ASSIGN(const int64_t number, next_number(database));
    WEERBAAR_TRY(database.change("INSERT INTO account VALUES ($1, $2, $3, NULL, NULL, 0, NULL, NULL, 0, 1, $4)",
                                 {number, name, employee, store_.now()}));
    WEERBAAR_ASSIGN(std::string secret, set_secrets(database, number, hash, true));
    WEERBAAR_TRY(record(deed));
    return secret;
  });
}

Result<std::string> Accounts::reset(std::string_view name, std::string_view password, Deed deed, const Record& record) {
  WEERBAAR_TRY(check_password(password, name));
  WEERBAAR_ASSIGN(const std::string hash, hash_password(password));
  return store_.write([&](sql::Database& database) -> Result<std::string> {
    WEERBAAR_ASSIGN(const Account account, find_named(database, name));
    if (!account.subject.empty()) {
      return fail(Code::kDenied, "the account is of a provider of OpenID Connect: its password is kept there");
    }
    deed.about = {{SubjectType::kEmployee, account.employee}};
    WEERBAAR_ASSIGN(std::string secret, set_secrets(database, account.number, hash, true));
    WEERBAAR_TRY(database.change("UPDATE account SET disabled = 0 WHERE number = $1", {account.number}));
    WEERBAAR_TRY(record(deed));
    return secret;
  });
}

Status Accounts::disable(std::string_view name, Deed deed, const Record& record) {
  return store_.write([&](sql::Database& database) -> Status {
    WEERBAAR_ASSIGN(const Account account, find_named(database, name));
    deed.about = {{SubjectType::kEmployee, account.employee}};
    WEERBAAR_TRY(database.change("UPDATE account SET disabled = 1 WHERE number = $1", {account.number}));
    WEERBAAR_TRY(end_sessions(database, account.number));
    return record(deed);
  });
}

Status Accounts::give_role(std::string_view name, Role role, Deed deed, const Record& record) {
  return store_.write([&](sql::Database& database) -> Status {
    WEERBAAR_ASSIGN(const Account account, find_named(database, name));
    if (deed.by == account.name || is_same_employee(deed.by, account.employee)) {
      return fail(Code::kDenied, "nobody gives a role to himself: another person has to");
    }
    if (std::ranges::find(account.roles, role) != account.roles.end()) return {};
    Roles roles = account.roles;
    roles.push_back(role);
    WEERBAAR_TRY(check_person(database, account, roles));
    deed.about = {{SubjectType::kEmployee, account.employee}};
    WEERBAAR_TRY(insert_role(database, account.number, role, deed));
    WEERBAAR_TRY(end_sessions(database, account.number));
    return record(deed);
  });
}

Status Accounts::take_role(std::string_view name, Role role, Deed deed, const Record& record) {
  return store_.write([&](sql::Database& database) -> Status {
    WEERBAAR_ASSIGN(const Account account, find_named(database, name));
    deed.about = {{SubjectType::kEmployee, account.employee}};
    WEERBAAR_ASSIGN(const uint64_t taken, database.change("DELETE FROM account_role WHERE account = $1 AND role = $2",
                                                          {account.number, to_string(role)}));
    if (taken == 0) return fail(Code::kNotFound, "the account does not have that role");
    WEERBAAR_TRY(end_sessions(database, account.number));
    return record(deed);
  });
}

Result<std::vector<Account>> Accounts::list() {
  return store_.read([](sql::Database& database) { return select(database, "", {}); });
}

Result<Account> Accounts::find(std::string_view name) {
  return store_.read([&](sql::Database& database) { return find_named(database, name); });
}

Result<Account> Accounts::find(int64_t number) {
  return store_.read([&](sql::Database& database) { return one_of(select(database, " WHERE number = $1", {number})); });
}

// The step of the code, when it is right and was not used; of an account with that hash of a password, or any.
Result<std::optional<int64_t>> Accounts::right_step(sql::Database& database, std::string_view name,
                                                    std::string_view code, std::optional<std::string_view> hash) {
  std::string sealed;
  int64_t number = 0;
  int64_t last_step = 0;
  WEERBAAR_TRY(
      database.query("SELECT totp_secret, totp_step, number, password FROM account WHERE name = $1 AND disabled = 0",
                     {name}, [&](const sql::Row& row) -> Status {
                       if (hash && row.text(3) != *hash) return {};
                       sealed = row.text(0);
                       last_step = row.integer(1);
                       number = row.integer(2);
                       return {};
                     }));
  if (sealed.empty()) return std::nullopt;
  WEERBAAR_ASSIGN(const std::string secret, store_.box().open(sealed, whose(number)));
  const auto bytes = from_base32(secret);
  if (!bytes || bytes->empty()) return std::nullopt;
  return totp_step(*bytes, code, Time{store_.now(), 0}, last_step);
}

bool Accounts::is_code(std::string_view name, std::string_view code) {
  if (!check_account_name(name)) return false;
  const auto step =
      store_.read([&](sql::Database& database) { return right_step(database, name, code, std::nullopt); });
  return step && *step;
}

Result<Account> Accounts::prove(std::string_view name, std::string_view password, std::string_view code) {
  const auto wrong = [] {
    return fail(Code::kDenied, "name, password or code is wrong, or the code was used already");
  };
  std::string hash;
  if (check_account_name(name)) {
    WEERBAAR_TRY(store_.read([&](sql::Database& database) {
      return database.query("SELECT password FROM account WHERE name = $1 AND disabled = 0", {name},
                            [&](const sql::Row& row) -> Status {
                              hash = row.text(0);
                              return {};
                            });
    }));
  }
  if (hash.empty()) {
    pretend_to_compare(password);
    return wrong();
  }
  if (!is_password(password, hash)) return wrong();
  return store_.write([&](sql::Database& database) -> Result<Account> {
    // The password may have become another while it was compared.
    WEERBAAR_ASSIGN(const std::optional<int64_t> step, right_step(database, name, code, hash));
    if (!step) return wrong();
    WEERBAAR_TRY(database.change("UPDATE account SET totp_step = $1 WHERE name = $2", {*step, name}));
    return find_named(database, name);
  });
}

Result<std::string> Accounts::renew(int64_t number, std::string_view old_password, std::string_view password, Deed deed,
                                    const Record& record) {
  WEERBAAR_ASSIGN(const Account account, find(number));
  WEERBAAR_TRY(check_password(password, account.name));
  if (password == old_password) return fail(Code::kInvalid, "the new password is the old one: choose another");
  std::string hash;
  WEERBAAR_TRY(store_.read([&](sql::Database& database) {
    return database.query("SELECT password FROM account WHERE number = $1", {number},
                          [&](const sql::Row& row) -> Status {
                            hash = row.text(0);
                            return {};
                          });
  }));
  if (!is_password(old_password, hash)) return fail(Code::kDenied, "the old password is wrong");
  WEERBAAR_ASSIGN(const std::string new_hash, hash_password(password));
  deed.about = {{SubjectType::kEmployee, account.employee}};
  return store_.write([&](sql::Database& database) -> Result<std::string> {
    // It may have been disabled or reset while passwords were compared and hashed.
    bool is_same = false;
    WEERBAAR_TRY(database.query("SELECT number FROM account WHERE number = $1 AND password = $2 AND disabled = 0",
                                {number, hash}, [&](const sql::Row&) -> Status {
                                  is_same = true;
                                  return {};
                                }));
    if (!is_same) return fail(Code::kDenied, "the account was changed meanwhile: log in again");
    WEERBAAR_ASSIGN(std::string secret, set_secrets(database, number, new_hash, false));
    WEERBAAR_TRY(record(deed));
    return secret;
  });
}

Result<Account> Accounts::enter(std::string_view issuer, std::string_view subject, std::string_view employee,
                                const Roles& roles, Deed deed, const Record& record) {
  if (const Status right = check_employee(employee); !right) {
    return fail(Code::kDenied,
                "the provider gives as the employee (people.oidc.employee_claim) what none is: " + right.error().text);
  }
  deed.about = {{SubjectType::kEmployee, std::string(employee)}};
  return store_.write([&](sql::Database& database) -> Result<Account> {
    WEERBAAR_ASSIGN(std::vector<Account> found,
                    select(database, " WHERE issuer = $1 AND subject = $2", {issuer, subject}));
    if (!found.empty() && found[0].disabled) return fail(Code::kDenied, "the account is disabled");
    Account account = found.empty() ? Account() : found[0];
    account.employee = employee;
    const bool is_new = found.empty();
    if (is_new) {
      WEERBAAR_ASSIGN(account.number, next_number(database));
      // No local account can have this name.
      account.name = fmt::format("oidc:{}", account.number);
      WEERBAAR_TRY(database.change("INSERT INTO account VALUES ($1, $2, $3, NULL, NULL, 0, $4, $5, 0, 0, $6)",
                                   {account.number, account.name, employee, issuer, subject, store_.now()}));
    }
    WEERBAAR_TRY(check_person(database, account, roles));
    const bool same = !is_new && std::ranges::is_permutation(roles, found[0].roles) && found[0].employee == employee;
    if (!same) {
      WEERBAAR_TRY(database.change("UPDATE account SET employee = $1 WHERE number = $2", {employee, account.number}));
      WEERBAAR_TRY(database.change("DELETE FROM account_role WHERE account = $1", {account.number}));
      for (const Role role : roles) WEERBAAR_TRY(insert_role(database, account.number, role, deed));
      WEERBAAR_TRY(end_sessions(database, account.number));
      WEERBAAR_TRY(record(deed));
    }
    account.roles = roles;
    account.issuer = issuer;
    account.subject = subject;
    return account;
  });
}

}  // namespace weerbaar::people

// Accounts: who may come in, as which employee, and with which roles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "people/deed.h"
#include "people/employee_ids.h"
#include "people/roles.h"
#include "people/store.h"

namespace weerbaar::people {

struct Account {
  int64_t number = 0;
  std::string name;      // by which it logs in
  std::string employee;  // the person
  std::string issuer;    // of OIDC, with its subject; both empty for a local account
  std::string subject;
  bool disabled = false;
  // Others have seen its password: until it has a new one, that is all it may do.
  bool must_renew = false;
  Roles roles;
};

// Lower case letters, digits and . _ @ -, 1 to 64 of them. kInvalid else.
Status check_account_name(std::string_view name);

// What only its owner should know. The account gets both anew at each renewal.
struct Secrets {
  std::string password;     // as it was given
  std::string totp_secret;  // in base32
};

// Thread-safe. Every change is recorded first, ends the sessions of the account, and comes from `deed`, of which it
// fills in whom it is about. kNotFound when there is no such account, kDenied for what nobody may do.
class Accounts {
 public:
  explicit Accounts(Store& store) : store_(store) {}

  // Who has several ids is one person from now on. Before other threads use this; it must outlive it.
  void know_employees(EmployeeIds& ids) { ids_ = &ids; }
  // All ids of the person now, as they are written, and this one as it is; errors of EmployeeIds.
  [[nodiscard]] Result<std::vector<std::string>> ids_of(std::string_view employee) const;
  // The same with those that were or will be the person's, for what nobody may do about himself.
  [[nodiscard]] Result<std::vector<std::string>> ids_ever_of(std::string_view employee) const;
  // The citizens who the person is; errors of EmployeeIds.
  [[nodiscard]] Result<std::vector<About>> persons_of(std::string_view employee) const;
  // Whether two ids are, were or will be of one employee, in whatever letters; also while that cannot be known, for it
  // is asked to keep them apart.
  [[nodiscard]] bool is_same_employee(std::string_view a, std::string_view b) const;
  // Whether that is the employee, or the citizen who the employee is; also while that cannot be known.
  [[nodiscard]] bool is_about(const About& about, std::string_view employee) const;
  // Whether two accounts are of one person: one employee, or one subject of OIDC.
  [[nodiscard]] bool is_same_person(const Account& a, const Account& b) const;

  // A local account without roles, that has to renew its password. Gives its TOTP secret in base32. kExists, kInvalid.
  Result<std::string> add(std::string_view name, std::string_view employee, std::string_view password, Deed deed,
                          const Record& record);
  // A new password and TOTP secret, which it has to renew; enables it again. Gives the secret.
  Result<std::string> reset(std::string_view name, std::string_view password, Deed deed, const Record& record);
  Status disable(std::string_view name, Deed deed, const Record& record);
  // kDenied when the giver is the person who gets it (deed.by is its employee or name), or when one person would have
  // roles that do not go together (check_together), over all of its accounts.
  Status give_role(std::string_view name, Role role, Deed deed, const Record& record);
  Status take_role(std::string_view name, Role role, Deed deed, const Record& record);

  Result<std::vector<Account>> list();
  Result<Account> find(std::string_view name);
  Result<Account> find(int64_t number);

  // The account whose password and code these are; each code counts once. kDenied for anything else, in the same time
  // and words.
  Result<Account> prove(std::string_view name, std::string_view password, std::string_view code);
  // Whether the code is one that prove() would take now. Uses nothing up; false for no account.
  bool is_code(std::string_view name, std::string_view code);
  // By its owner, who has proved to be it: a new password, and a new TOTP secret, which is given in base32. kInvalid
  // for a password that is not taken, and for the one that it had; kDenied when the old one is wrong, and when the
  // account was disabled or reset meanwhile.
  Result<std::string> renew(int64_t account, std::string_view old_password, std::string_view password, Deed deed,
                            const Record& record);

  // The account of a subject of OIDC, made when it is new, with exactly these roles from now on. kDenied when it is
  // disabled, the roles do not go together, or the provider gave no employee of which there can be an account.
  Result<Account> enter(std::string_view issuer, std::string_view subject, std::string_view employee,
                        const Roles& roles, Deed deed, const Record& record);

 private:
  Result<std::optional<int64_t>> right_step(sql::Database& database, std::string_view name, std::string_view code,
                                            std::optional<std::string_view> hash);
  Result<std::string> set_secrets(sql::Database& database, int64_t account, std::string_view hash, bool must_renew);

  // The roles that go together are over all accounts of a person.
  Status check_person(sql::Database& database, const Account& account, const Roles& roles_of_account) const;

  Store& store_;
  EmployeeIds* ids_ = nullptr;
};

}  // namespace weerbaar::people

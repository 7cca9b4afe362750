#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "os/process.h"
#include "people/accounts.h"
#include "people/totp.h"
#include "server/commands.h"
#include "service/api_json.h"

namespace weerbaar::server {
namespace {

using Change = AccountOptions::Change;

struct ChangeForm {
  Action action;
  std::string_view component;
};

ChangeForm form_of(Change change) {
  switch (change) {
    case Change::kAdd:
      return {Action::kCreate, "account add"};
    case Change::kList:
      return {Action::kList, "account list"};
    case Change::kDisable:
      return {Action::kUpdate, "account disable"};
    case Change::kReset:
      return {Action::kUpdate, "account reset"};
    case Change::kGiveRole:
      return {Action::kUpdate, "account give-role"};
    case Change::kTakeRole:
      return {Action::kUpdate, "account take-role"};
  }
  return {Action::kUpdate, "account"};
}

// Within the change of the database: who has that waits for the trail, and never the other way round.
people::Record record_in_trail(DataDirectory& data) {
  return [&data](const people::Deed& deed) {
    return data.with_trail([&deed](trail::Trail& trail) -> Status {
      WEERBAAR_TRY(people::hand_over(deed, [&trail](const AccessEvent& event) -> Status {
        WEERBAAR_ASSIGN(const trail::Receipt receipt, trail.append({&event, 1}));
        if (!receipt.refused.empty()) return std::unexpected(receipt.refused[0].error);
        return {};
      }));
      WEERBAAR_TRY(trail.sign());
      return {};
    });
  };
}

Result<std::string> ask_password() {
  WEERBAAR_ASSIGN(std::string password, os::read_secret("Password: "));
  if (os::input_is_terminal()) {
    WEERBAAR_ASSIGN(const std::string again, os::read_secret("The same again: "));
    if (again != password) return fail(Code::kInvalid, "the two passwords differ: nothing was done");
  }
  return password;
}

void show_secret(const AccountOptions& options, const std::string& origin, const std::string& secret,
                 Console& console) {
  const auto bytes = people::from_base32(secret);
  const std::string uri = bytes ? people::otpauth_uri(options.name, origin, *bytes) : std::string();
  if (console.json()) {
    console.result(to_line({{"name", options.name}, {"otpauth_uri", uri}}));
    return;
  }
  console.result(
      fmt::format("The account {} is there. Give its owner this for the app that shows codes:", options.name));
  console.result(uri);
  console.note("Password and code open one thing only: a password and a secret of the owner's own choice.");
}

Status show_all(const std::vector<people::Account>& accounts, Console& console) {
  for (const people::Account& account : accounts) {
    if (console.json()) {
      console.result(to_line(service::account_json(account)));
      continue;
    }
    std::string line = fmt::format("{} ({})", account.name, account.employee);
    for (const people::Role role : account.roles) line += fmt::format(" {}", people::to_string(role));
    if (account.disabled) line += " disabled";
    console.result(line);
  }
  if (accounts.empty() && !console.json())
    console.result("There are no accounts: `weerbaar account DIR add` makes one.");
  return {};
}

Status change_role(people::Accounts& accounts, const AccountOptions& options, people::Deed deed,
                   const people::Record& record) {
  const auto role = people::parse_role(options.role);
  if (!role) {
    std::string known;
    for (const people::Role one : people::all_roles()) known += fmt::format(" {}", people::to_string(one));
    return fail(Code::kInvalid, "there is no such role; the roles are" + known);
  }
  deed.query = options.role;
  if (options.change == Change::kGiveRole) return accounts.give_role(options.name, *role, std::move(deed), record);
  return accounts.take_role(options.name, *role, std::move(deed), record);
}

}  // namespace

Result<int> run_account(const AccountOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  const bool needs_password = options.change == Change::kAdd || options.change == Change::kReset;
  std::string password;
  if (needs_password) {
    WEERBAAR_ASSIGN(password, ask_password());
  }
  WEERBAAR_ASSIGN(const std::unique_ptr<people::Store> store, data.open_people());
  const people::Record record = record_in_trail(data);
  const ChangeForm form = form_of(options.change);
  WEERBAAR_ASSIGN(people::Deed deed,
                  people::new_deed(os::user_name().substr(0, kNameBytesMax), form.action, std::string(form.component)));
  people::Accounts accounts(*store);
  switch (options.change) {
    case Change::kAdd: {
      WEERBAAR_ASSIGN(const std::string secret,
                      accounts.add(options.name, options.employee, password, std::move(deed), record));
      show_secret(options, data.settings().origin, secret, console);
      break;
    }
    case Change::kReset: {
      WEERBAAR_ASSIGN(const std::string secret, accounts.reset(options.name, password, std::move(deed), record));
      show_secret(options, data.settings().origin, secret, console);
      break;
    }
    case Change::kList: {
      WEERBAAR_ASSIGN(const std::vector<people::Account> all, accounts.list());
      WEERBAAR_TRY(store->write([&](sql::Database&) { return record(deed); }));
      WEERBAAR_TRY(show_all(all, console));
      break;
    }
    case Change::kDisable:
      WEERBAAR_TRY(accounts.disable(options.name, std::move(deed), record));
      break;
    case Change::kGiveRole:
    case Change::kTakeRole:
      WEERBAAR_TRY(change_role(accounts, options, std::move(deed), record));
      break;
  }
  return kExitYes;
}

}  // namespace weerbaar::server

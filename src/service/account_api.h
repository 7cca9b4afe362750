// Accounts for the administrator: who may come in, with which roles. Never what was recorded about anybody.
// docs/people.md.
#pragma once

#include <string>
#include <utility>

#include "http/router.h"
#include "people/accounts.h"
#include "service/guard.h"
#include "service/trail_reader.h"

namespace weerbaar::service {

// Thread-safe. Every look and change is recorded before it is answered.
class AccountApi {
 public:
  // `name` is that of this log, for apps that show codes. All must outlive it.
  AccountApi(people::Accounts& accounts, TrailReader& reader, people::Record record, Guard& guard, JsonLog& log,
             std::string name)
      : accounts_(accounts),
        reader_(reader),
        record_(std::move(record)),
        guard_(guard),
        log_(log),
        name_(std::move(name)) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response list(const Visitor& visitor);
  http::Response show(const std::string& name, const Visitor& visitor);
  http::Response add(const http::Request& request, const Visitor& visitor);
  http::Response disable(const std::string& name, const Visitor& visitor);
  http::Response give_role(const std::string& name, const http::Request& request, const Visitor& visitor);
  http::Response take_role(const std::string& name, std::string_view word, const Visitor& visitor);
  // Who made an account has seen its secrets, and could come in by it: another person gives it its roles.
  Status check_another_made(const people::Account& account, const Visitor& visitor);
  // The account as it is now.
  http::Response answer(const std::string& name);

  people::Accounts& accounts_;
  TrailReader& reader_;
  const people::Record record_;
  Guard& guard_;
  JsonLog& log_;
  const std::string name_;
};

}  // namespace weerbaar::service

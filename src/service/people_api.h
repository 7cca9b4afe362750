// Login, logout and what people see of themselves. docs/people.md.
#pragma once

#include <functional>
#include <string>

#include "http/router.h"
#include "people/accounts.h"
#include "people/attempts.h"
#include "people/sessions.h"
#include "service/guard.h"
#include "service/json_log.h"
#include "service/long_work.h"

namespace weerbaar::service {

// Thread-safe.
class PeopleApi {
 public:
  // `name` is that of this log, for apps that show codes. All must outlive it.
  PeopleApi(people::Accounts& accounts, people::Sessions& sessions, people::Record record, Guard& guard, JsonLog& log,
            std::string name)
      : accounts_(accounts),
        sessions_(sessions),
        record_(std::move(record)),
        guard_(guard),
        log_(log),
        name_(std::move(name)) {}

  // It must outlive the router.
  void add_routes(http::Router& router);
  // Begins a session for who has proved to be it, on record: the answer of a login.
  http::Response enter(const people::Account& account, const std::string& address);

 private:
  http::Response log_in(http::Request& request);
  http::Response prove(const std::string& name, const std::string& password, const std::string& code,
                       const std::string& address);
  http::Response log_out(const Visitor& visitor);
  http::Response list_sessions(const Visitor& visitor);
  http::Response end_session(std::string_view mark, const Visitor& visitor);
  http::Response end_sessions(const Visitor& visitor);
  void record_end(const Visitor& visitor, std::string component);
  http::Response renew(http::Request& request, const Visitor& visitor);

  people::Accounts& accounts_;
  people::Sessions& sessions_;
  const people::Record record_;
  Guard& guard_;
  JsonLog& log_;
  const std::string name_;
  people::Attempts attempts_;
  // Comparing and hashing passwords takes memory and time.
  static constexpr int kPasswordsAtOnce = 6;
  LongWork passwords_{kPasswordsAtOnce};
};

}  // namespace weerbaar::service

// Who may use which system at a moment, as the register says it, for who keeps authorisations. docs/people.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/router.h"
#include "server/data_directory.h"
#include "server/import_ledger.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/json_body.h"
#include "service/long_work.h"
#include "service/trail_reader.h"

namespace weerbaar::server {

struct AuthorisationRequest {
  std::string employee;  // empty: of whomever
  std::string system;    // empty: for whatever; one of the two is said
  Time at;
  size_t limit = 0;
  std::optional<service::ListCursor> cursor;  // of: an import, after which the register is read as it was known
};
// {"employee"?, "system"?, "at"?, "limit"?, "cursor"?}; `at` is `now` when it is absent, which it is not
// beside a cursor.
Result<AuthorisationRequest> read_authorisation_request(std::string_view body, Time now);

// Thread-safe. What the register says is held against the trail first, which reads the whole table: it takes a turn of
// long work. Each look is on record, with the employees shown, before it is answered. When authorisations were used is
// not told: that is what the trail says about an employee, and needs a mandate.
class AuthorisationApi {
 public:
  // All must outlive it.
  AuthorisationApi(const DataDirectory& data, service::TrailReader& reader, people::Record record,
                   service::Guard& guard, service::LongWork& long_work, service::JsonLog& log)
      : data_(data), reader_(reader), record_(std::move(record)), guard_(guard), long_work_(long_work), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  struct Page;

  http::Response list(const http::Request& request, const service::Visitor& visitor);
  Status fill(const AuthorisationRequest& asked, Page& page);
  Status record(const AuthorisationRequest& asked, const Page& page, const service::Visitor& visitor);

  const DataDirectory& data_;
  service::TrailReader& reader_;
  const people::Record record_;
  service::Guard& guard_;
  service::LongWork& long_work_;
  service::JsonLog& log_;
};

}  // namespace weerbaar::server

// What each check covered; what came of it, in counts without identities, for who sees signals or accesses of
// everybody. docs/people.md.
#pragma once

#include <utility>

#include "http/router.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/trail_reader.h"

namespace weerbaar::server {

// Thread-safe. Every look is recorded before it is answered.
class CheckApi {
 public:
  // All must outlive it.
  CheckApi(service::TrailReader& reader, people::Record record, service::Guard& guard, service::JsonLog& log)
      : reader_(reader), record_(std::move(record)), guard_(guard), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response list(const http::Request& request, const service::Visitor& visitor);
  http::Response show(std::string_view number, const service::Visitor& visitor);

  service::TrailReader& reader_;
  const people::Record record_;
  service::Guard& guard_;
  service::JsonLog& log_;
};

}  // namespace weerbaar::server

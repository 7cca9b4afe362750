// Who consulted a person, what an employee consulted, and who looked at oneself in Weerbaar. docs/people.md.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "http/router.h"
#include "people/mandates.h"
#include "people/store.h"
#include "service/consultation_question.h"
#include "service/guard.h"
#include "service/trail_reader.h"

namespace weerbaar::service {

// Thread-safe. Every look is recorded before it is answered.
class ConsultationApi {
 public:
  // All must outlive it.
  ConsultationApi(TrailReader& reader, people::Store& store, people::Accounts& accounts, people::Mandates& mandates,
                  people::Record record, Guard& guard, JsonLog& log)
      : reader_(reader),
        store_(store),
        accounts_(accounts),
        mandates_(mandates),
        record_(std::move(record)),
        guard_(guard),
        log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  struct Page;

  http::Response consultations(const http::Request& request, const Visitor& visitor);
  http::Response consulted(const http::Request& request, const Visitor& visitor);
  Status fill_page(const trail::Trail& trail, const ConsultationQuestion& question, const people::Account& viewer,
                   Page& page);
  static Result<std::vector<trail::Hit>> looks_at(const trail::Trail& trail, const std::vector<std::string>& ids);
  // Whether the viewer may know that this use of Weerbaar was: under a mandate only who sees mandates may, and not when
  // it is about himself.
  bool may_see(const AccessEvent& use, const people::Account& viewer);
  // Whether the employee may know of this use of Weerbaar by now.
  bool may_be_told(const AccessEvent& use);
  http::Response failed(const Error& error);

  TrailReader& reader_;
  people::Store& store_;
  people::Accounts& accounts_;
  people::Mandates& mandates_;
  const people::Record record_;
  Guard& guard_;
  JsonLog& log_;
};

}  // namespace weerbaar::service

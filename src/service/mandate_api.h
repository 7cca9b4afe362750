// Mandates to reveal identities: asked by one, decided about by another. docs/people.md.
#pragma once

#include <utility>

#include "http/router.h"
#include "people/mandates.h"
#include "people/store.h"
#include "service/guard.h"
#include "trail/privacy/key_store.h"

namespace weerbaar::service {

// Thread-safe. A mandate may be asked by the pseudonym of an employee, as signals show him: then no answer tells whom
// it means but one, to who asked, once it is approved, and that is on record first.
class MandateApi {
 public:
  // All must outlive it.
  MandateApi(people::Store& store, people::Mandates& mandates, trail::KeyStore& keys, people::Record record,
             Guard& guard)
      : store_(store), mandates_(mandates), keys_(keys), record_(std::move(record)), guard_(guard) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  using Change = Result<people::Mandate> (people::Mandates::*)(const people::Account&, int64_t, people::Deed,
                                                               const people::Record&);

  http::Response ask(http::Request& request, const Visitor& visitor);
  http::Response list(const http::Request& request, const Visitor& visitor);
  http::Response show(const http::Request& request, const http::PathArguments& arguments, const Visitor& visitor);
  http::Response change(const http::PathArguments& arguments, const Visitor& visitor, std::string_view component,
                        Change how);

  people::Store& store_;
  people::Mandates& mandates_;
  trail::KeyStore& keys_;
  const people::Record record_;
  Guard& guard_;
};

}  // namespace weerbaar::service

// Login by a provider of OpenID Connect: to it, and back. docs/people.md.
#pragma once

#include <type_traits>
#include <utility>

#include "http/router.h"
#include "people/accounts.h"
#include "people/oidc.h"
#include "service/guard.h"
#include "service/long_work.h"
#include "service/people_api.h"

namespace weerbaar::service {

// Of a login that is under way. Sent when the provider sends the browser back, so not "Strict".
inline constexpr std::string_view kLoginCookie = "__Host-weerbaar-login";

// Thread-safe.
class OidcApi {
 public:
  // All must outlive it.
  OidcApi(people::OidcLogin& login, people::Accounts& accounts, PeopleApi& people, people::Record record, Guard& guard,
          JsonLog& log)
      : login_(login), accounts_(accounts), people_(people), record_(std::move(record)), guard_(guard), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response start();
  http::Response callback(const http::Request& request);
  template <class Ask>
  std::invoke_result_t<Ask> ask_provider(const Ask& ask);
  http::Response failed(const Error& error);

  people::OidcLogin& login_;
  people::Accounts& accounts_;
  PeopleApi& people_;
  const people::Record record_;
  Guard& guard_;
  JsonLog& log_;
  // Who comes back is waited for at the provider, which may be slow.
  static constexpr int kAtProviderAtOnce = 4;
  LongWork at_provider_{kAtProviderAtOnce};
};

}  // namespace weerbaar::service

// Asks a provider of OpenID Connect over the network.
#pragma once

#include "people/oidc.h"

namespace weerbaar::server {

// By TLS that the machine's authorities vouch for, and `plain_http`: by HTTP too (people::OidcLogin sees to it that
// this is loopback). Follows nothing, takes at most a mebibyte, and waits ten seconds at most. Thread-safe. kIo for
// what is no 200.
Result<std::string> ask_provider(const people::ProviderRequest& request, bool plain_http);

}  // namespace weerbaar::server

// What OpenSSL is told for every connection of a server.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "base/result.h"
#include "http/server.h"

namespace weerbaar::http {

// TLS 1.3 and nothing older. kInvalid when the certificate, the key or the authorities cannot be used, or the key is
// not that of the certificate.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsOptions& options);

}  // namespace weerbaar::http

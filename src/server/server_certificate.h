// The certificate that `weerbaar serve` shows.
#pragma once

#include "base/result.h"
#include "http/server.h"
#include "server/data_directory.h"

namespace weerbaar::server {

// What the settings name; else one that was made at the first use and is kept beside the keys, as tls.crt and tls.key.
// kNotFound, kInvalid and the like name the file.
Result<http::TlsOptions> server_certificate(const DataDirectory& data, const ServeSettings& settings);

}  // namespace weerbaar::server

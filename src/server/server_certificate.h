// The certificate that a server shows.
#pragma once

#include "base/result.h"
#include "http/server.h"
#include "server/data_directory.h"

namespace weerbaar::server {

struct CertificatePlaces {
  os::FileSystem& files;
  std::string directory;  // to which the files below are relative, unless they begin with '/'
  std::string section;    // of the settings, with its dot, for errors: "serve."; may be empty
  std::string made_in;    // where one is made when none is named
  Listen listen;
  std::string certificate;         // PEM; empty: made
  std::string key;                 // of it
  std::string client_authorities;  // PEM; empty: clients are not asked for a certificate
};

// What is named; else one that was made at the first use and is kept as tls.crt and tls.key. An error names the setting
// or the file and what to do: kInvalid for what is no PEM and for a key of another certificate.
Result<http::TlsOptions> find_certificate(const CertificatePlaces& places);

// That of `weerbaar serve`: what the settings name; else one that was made at the first use and is kept beside the
// keys, as tls.crt and tls.key. Errors as of find_certificate().
Result<http::TlsOptions> server_certificate(const DataDirectory& data, const ServeSettings& settings);

}  // namespace weerbaar::server

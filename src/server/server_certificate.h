// The certificate that a server shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// The file of the certificate beside the keys.
inline constexpr std::string_view kCertificateFile = "tls.crt";

// One for this machine and for these names and addresses by which clients reach it, which is kept nowhere yet. kInvalid
// for what is no name of a host and no address.
Result<http::Certificate> make_certificate(std::vector<std::string> names);
// Keeps it beside the keys, for `weerbaar serve`, in the place of one that is there.
Status keep_server_certificate(const DataDirectory& data, const http::Certificate& certificate);

// That of `weerbaar serve`: what the settings name; else the one beside the keys, tls.crt and tls.key, which is made
// when it is not there. Errors as of find_certificate().
Result<http::TlsOptions> server_certificate(const DataDirectory& data, const ServeSettings& settings);

}  // namespace weerbaar::server

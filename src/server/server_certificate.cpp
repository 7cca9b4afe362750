#include "server/server_certificate.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "os/process.h"
#include "service/named_file.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kPemBytesMax = 1 << 20;

Result<std::string> read_pem(const CertificatePlaces& places, std::string_view name, const std::string& path) {
  return service::read_named_file(places.files, places.directory, fmt::format("{}{}", places.section, name), path,
                                  kPemBytesMax);
}

// Which of the files is wrong, before a server is given all of them at once.
Status check_usable(const CertificatePlaces& places, const http::TlsOptions& tls) {
  const std::string& section = places.section;
  if (!http::fingerprint(tls.certificate.certificate)) {
    return fail(Code::kInvalid, fmt::format("the setting {}certificate: {} holds no certificate in PEM: it begins with "
                                            "-----BEGIN CERTIFICATE-----, with those of the authorities behind it",
                                            section, places.certificate));
  }
  if (const Status fits = http::check_key(tls.certificate); !fits) {
    return fail(Code::kInvalid, fmt::format("the setting {0}key: {1}: {2}: name the key that {3} was made for, in PEM "
                                            "without a password",
                                            section, places.key, fits.error().text, places.certificate));
  }
  return {};
}

Status check_authorities(const CertificatePlaces& places, const http::TlsOptions& tls) {
  const Status whole = http::check_certificates(tls.client_authorities);
  if (whole) return {};
  return fail(Code::kInvalid, fmt::format("the setting {}client_authorities: {}: {}: name the file with the "
                                          "certificates, in PEM, of the authorities that vouch for clients",
                                          places.section, places.client_authorities, whole.error().text));
}

constexpr const char* kKeyFile = "tls.key";

// An address to listen on that is not one of this machine alone.
std::vector<std::string> names_of(const Listen& listen) {
  const bool any = listen.address == "0.0.0.0" || listen.address == "::";
  if (any || listen.address == "127.0.0.1" || listen.address == "::1") return {};
  return {listen.address};
}

Status keep(os::FileSystem& files, const std::string& directory, const http::Certificate& made) {
  WEERBAAR_TRY(os::write_file_atomically(files, os::join(directory, kKeyFile), as_bytes(made.key)));
  return os::write_file_atomically(files, os::join(directory, kCertificateFile), as_bytes(made.certificate));
}

Result<http::Certificate> made_certificate(const CertificatePlaces& places) {
  const std::string certificate_path = os::join(places.made_in, kCertificateFile);
  const std::string key_path = os::join(places.made_in, kKeyFile);
  os::FileSystem& files = places.files;
  if (!files.exists(places.made_in)) {
    return fail(Code::kNotFound, fmt::format("{}, where the certificate is kept beside the keys, is not there: put it "
                                             "back, or name its place with --keys or in the settings",
                                             places.made_in));
  }
  const bool has_certificate = files.exists(certificate_path);
  if (has_certificate != files.exists(key_path)) {
    return fail(Code::kNotFound, fmt::format("{} is not there, and {} is: put it back, or take away both, and new ones "
                                             "are made",
                                             has_certificate ? key_path : certificate_path,
                                             has_certificate ? certificate_path : key_path));
  }
  if (!has_certificate) {
    WEERBAAR_ASSIGN(http::Certificate made, make_certificate(names_of(places.listen)));
    WEERBAAR_TRY(keep(files, places.made_in, made));
    return made;
  }
  // As they are, not by way of the settings' directory.
  http::Certificate kept;
  WEERBAAR_ASSIGN(const Bytes certificate, os::read_file(files, certificate_path, kPemBytesMax));
  WEERBAAR_ASSIGN(const Bytes key, os::read_file(files, key_path, kPemBytesMax));
  kept.certificate = as_text(certificate);
  kept.key = as_text(key);
  return kept;
}

}  // namespace

Result<http::Certificate> make_certificate(std::vector<std::string> names) {
  for (const char* const name : {"::1", "127.0.0.1", "localhost"}) names.insert(names.begin(), name);
  std::vector<std::string> with_host = names;
  const std::string host = os::host_name();
  if (!host.empty() && host != "localhost") with_host.insert(with_host.begin(), host);
  auto made = http::make_self_signed(with_host);
  // A machine may have a name that no certificate can hold.
  return made ? std::move(made) : http::make_self_signed(names);
}

Result<http::TlsOptions> find_certificate(const CertificatePlaces& places) {
  http::TlsOptions tls;
  if (places.certificate.empty()) {
    WEERBAAR_ASSIGN(tls.certificate, made_certificate(places));
  } else {
    WEERBAAR_ASSIGN(tls.certificate.certificate, read_pem(places, "certificate", places.certificate));
    WEERBAAR_ASSIGN(tls.certificate.key, read_pem(places, "key", places.key));
    WEERBAAR_TRY(check_usable(places, tls));
  }
  if (!places.client_authorities.empty()) {
    WEERBAAR_ASSIGN(tls.client_authorities, read_pem(places, "client_authorities", places.client_authorities));
    WEERBAAR_TRY(check_authorities(places, tls));
  }
  return tls;
}

Status keep_server_certificate(const DataDirectory& data, const http::Certificate& certificate) {
  return keep(data.files(), data.keys_path(), certificate);
}

Result<http::TlsOptions> server_certificate(const DataDirectory& data, const ServeSettings& settings) {
  return find_certificate({data.files(), data.path(), "serve.", data.keys_path(), settings.listen, settings.certificate,
                           settings.key, settings.client_authorities});
}

}  // namespace weerbaar::server

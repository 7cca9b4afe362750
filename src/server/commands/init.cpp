#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "http/certificate.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/paths.h"
#include "server/server_certificate.h"

namespace weerbaar::server {
namespace {

std::string last_part(const std::filesystem::path& whole) {
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

// Where the settings say that the keys are. By default relative to the data directory, so that both can move together.
Result<std::string> place_of_keys(const InitOptions& options, const std::filesystem::path& directory) {
  std::string keys = os::join("..", last_part(directory) + ".keys");
  if (!options.keys.empty()) {
    WEERBAAR_ASSIGN(const std::filesystem::path path, whole_path(options.keys));
    // Whoever copies the data directory must not copy the keys with it.
    if (lies_within(path, directory)) {
      return fail(Code::kInvalid,
                  "--keys: the keys would lie inside the data directory, and every copy of it would hold them: choose "
                  "another place");
    }
    keys = path.string();
  }
  if (!is_utf8(keys)) {
    return fail(Code::kInvalid, "the path of the keys is not UTF-8, so no settings can name it: choose another one");
  }
  return keys;
}

// A name for the log when none was given: unique enough on one network, and allowed in a key name.
std::string default_origin(const std::filesystem::path& directory) {
  const std::string host = os::host_name();
  std::string name = fmt::format("{}/{}", host.empty() ? "localhost" : host, last_part(directory));
  for (char& c : name) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                      c == '-' || c == '_' || c == '/';
    if (!fine) c = '-';
  }
  return name;
}

}  // namespace

Result<MadeDirectory> make_data_directory(const InitOptions& options) {
  WEERBAAR_ASSIGN(const std::filesystem::path directory, whole_path(options.directory));
  WEERBAAR_ASSIGN(const std::string keys, place_of_keys(options, directory));
  const std::string origin = options.origin.empty() ? default_origin(directory) : options.origin;
  // Before anything is made: a name may be wrong.
  http::Certificate certificate;
  std::string sha256;
  if (!options.no_certificate) {
    auto made = make_certificate(options.names);
    if (!made) return fail_in("--server", made.error());
    certificate = std::move(*made);
    WEERBAAR_ASSIGN(sha256, http::fingerprint(certificate.certificate));
  }
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_TRY(DataDirectory::create(files, options.directory, origin, keys, options.retention_months));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, ""));
  if (!options.no_certificate) WEERBAAR_TRY(keep_server_certificate(data, certificate));
  return MadeDirectory{std::move(data), std::move(sha256)};
}

Result<int> run_init(const InitOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const MadeDirectory made, make_data_directory(options));
  const Settings& settings = made.data.settings();
  WEERBAAR_ASSIGN(const std::filesystem::path directory, whole_path(options.directory));
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(directory / settings.keys, error);
  const std::string keys = error ? settings.keys : whole.string();
  const std::string certificate = os::join(keys, kCertificateFile);
  const std::string& sha256 = made.certificate_sha256;
  if (console.json()) {
    nlohmann::ordered_json json = {{"origin", settings.origin}, {"verifier_key", settings.verifier_key}};
    if (!sha256.empty()) {
      json["certificate"] = certificate;
      json["certificate_sha256"] = sha256;
    }
    console.result(json.dump());
    return kExitYes;
  }
  console.result(fmt::format("Made the data directory {} for the log {}.", options.directory, settings.origin));
  console.result(fmt::format("Its verifier key, to publish: {}", settings.verifier_key));
  console.result(fmt::format("Its secret keys are in {}: keep them apart, and back them up.", keys));
  if (!sha256.empty()) {
    console.result(fmt::format("Its server shows the certificate {}, with the SHA-256\n{}", certificate, sha256));
  }
  return kExitYes;
}

}  // namespace weerbaar::server

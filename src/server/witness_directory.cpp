#include "server/witness_directory.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/toml.h"
#include "server/server_certificate.h"
#include "server/settings_toml.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kKeyFile = "witness.key";
constexpr uint64_t kSettingsBytesMax = uint64_t{4} << 20U;
constexpr uint64_t kKeyBytesMax = 4'096;
constexpr size_t kKeysOfALogMax = 16;
constexpr int64_t kWorkersMax = 1'024;
constexpr int64_t kRequestsMax = 1'000'000;

Result<witness::KnownLog> parse_log(const toml::table& table) {
  constexpr std::string_view kPrefix = "log.";
  static constexpr std::array<std::string_view, 2> kKnown = {"origin", "keys"};
  WEERBAAR_TRY(check_known(table, kKnown, kPrefix));
  const toml::array* const keys = table["keys"].as_array();
  if (keys == nullptr || keys->empty() || keys->size() > kKeysOfALogMax) {
    return fail(Code::kInvalid, fmt::format("{}: log.keys lists the verifier keys that the log may sign with, 1 to {}",
                                            place_of(table), kKeysOfALogMax));
  }
  witness::KnownLog log;
  for (const toml::node& item : *keys) {
    const auto text = item.value<std::string>();
    if (!text) return fail(Code::kInvalid, fmt::format("{}: a verifier key is a text", place_of(item)));
    auto key = trail::VerifierKey::parse(*text);
    if (!key) return fail_in(place_of(item) + ": log.keys", key.error());
    log.keys.push_back(std::move(*key));
  }
  log.origin = log.keys.front().name;
  WEERBAAR_TRY(read_text(table, kPrefix, "origin", log.origin));
  return log;
}

Status read_logs(const toml::table& table, std::vector<witness::KnownLog>& logs) {
  const toml::node* const node = table.get("log");
  if (node == nullptr) return {};
  const toml::array* const array = node->as_array();
  const auto wrong = [](const toml::node& at) {
    return fail(Code::kInvalid, fmt::format("{}: log is a list of at most {}: write [[log]] and its settings below it",
                                            place_of(at), witness::kLogsMax));
  };
  if (array == nullptr || array->size() > witness::kLogsMax) return wrong(*node);
  for (const toml::node& item : *array) {
    const toml::table* const one = item.as_table();
    if (one == nullptr) return wrong(item);
    WEERBAAR_ASSIGN(witness::KnownLog log, parse_log(*one));
    if (std::ranges::find(logs, log.origin, &witness::KnownLog::origin) != logs.end()) {
      return fail(Code::kInvalid,
                  fmt::format("{}: two logs have the same origin: give all keys in one", place_of(item)));
    }
    logs.push_back(std::move(log));
  }
  return {};
}

Status read_network(const toml::table& table, WitnessDirectorySettings& settings) {
  constexpr std::string_view kPrefix = "serve.";
  static constexpr std::array<std::string_view, 6> kKnown = {"listen", "plain_http", "certificate",
                                                             "key",    "workers",    "requests_a_second"};
  const toml::node* const node = table.get("serve");
  if (node == nullptr) return {};
  const toml::table* const serve = node->as_table();
  if (serve == nullptr) return fail(Code::kInvalid, fmt::format("{}: serve is a section", place_of(*node)));
  WEERBAAR_TRY(check_known(*serve, kKnown, kPrefix));
  std::string listen;
  WEERBAAR_TRY(read_text(*serve, kPrefix, "listen", listen));
  if (!listen.empty()) {
    auto parsed = parse_listen(listen);
    if (!parsed) return fail_in(place_of(*serve->get("listen")) + ": serve.listen", parsed.error());
    settings.listen = *parsed;
  }
  WEERBAAR_TRY(read_truth(*serve, kPrefix, "plain_http", settings.plain_http));
  if (settings.plain_http) {
    WEERBAAR_TRY(check_plain_http(settings.listen, place_of(*serve->get(listen.empty() ? "plain_http" : "listen"))));
  }
  WEERBAAR_TRY(read_text(*serve, kPrefix, "certificate", settings.certificate));
  WEERBAAR_TRY(read_text(*serve, kPrefix, "key", settings.key));
  if (settings.certificate.empty() != settings.key.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: serve.certificate and serve.key go together: give both, or neither",
                                            place_of(*serve)));
  }
  WEERBAAR_TRY(read_whole_number(*serve, kPrefix, "workers", 1, kWorkersMax, settings.workers));
  return read_whole_number(*serve, kPrefix, "requests_a_second", 0, kRequestsMax, settings.requests_a_second);
}

std::string format_witness_settings(const trail::VerifierKey& key) {
  // The name of a key holds no control character; what else TOML would read in it is written as such.
  std::string name;
  for (const char c : key.name) {
    if (c == '"' || c == '\\') name += '\\';
    name += c;
  }
  std::string verifier;
  for (const char c : key.format()) {
    if (c == '"' || c == '\\') verifier += '\\';
    verifier += c;
  }
  return fmt::format(
      "name = \"{}\"\nverifier_key = \"{}\"\n\n"
      "# What it cosigns: a section a log, with the verifier keys that the log may sign with.\n"
      "# [[log]]\n# keys = [\"example.org/reads+…\"]\n",
      name, verifier);
}

}  // namespace

Result<WitnessDirectorySettings> parse_witness_settings(std::string_view toml) {
  static constexpr std::array<std::string_view, 4> kKnown = {"name", "verifier_key", "log", "serve"};
  WEERBAAR_ASSIGN(const toml::table table, parse_toml(toml, kWitnessSettingsFile));
  WEERBAAR_TRY(check_known(table, kKnown, ""));
  WitnessDirectorySettings settings;
  WEERBAAR_TRY(read_text(table, "", "name", settings.name));
  WEERBAAR_TRY(read_text(table, "", "verifier_key", settings.verifier_key));
  if (settings.name.empty() || settings.verifier_key.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: name and verifier_key are needed", kWitnessSettingsFile));
  }
  WEERBAAR_TRY(read_network(table, settings));
  WEERBAAR_TRY(read_logs(table, settings.logs));
  return settings;
}

Result<trail::VerifierKey> WitnessDirectory::create(os::FileSystem& files, const std::string& directory,
                                                    const std::string& name) {
  if (!trail::is_key_name(name)) {
    return fail(Code::kInvalid, "the name of a witness is like witness.example.org/w1: without spaces and pluses");
  }
  WEERBAAR_TRY(files.make_directory(directory, true));
  WEERBAAR_ASSIGN(const std::vector<std::string> names, files.list(directory));
  if (!names.empty()) {
    return fail(Code::kExists, fmt::format("{} is not empty: a witness is made in a new directory", directory));
  }
  std::array<uint8_t, trail::kSeedBytes> seed{};
  WEERBAAR_TRY(os::fill_random(seed));
  auto key = trail::SigningKey::from_seed(name, seed, trail::SignatureType::kCosignature);
  OPENSSL_cleanse(seed.data(), seed.size());
  if (!key) return std::unexpected(key.error());
  WEERBAAR_ASSIGN(std::string secret, key->format());
  secret += '\n';
  const Status written = os::write_file_atomically(files, os::join(directory, kKeyFile), as_bytes(secret));
  OPENSSL_cleanse(secret.data(), secret.size());
  WEERBAAR_TRY(written);
  // Last: a directory with settings is whole.
  WEERBAAR_TRY(os::write_file_atomically(files, os::join(directory, kWitnessSettingsFile),
                                         as_bytes(format_witness_settings(key->verifier()))));
  return key->verifier();
}

Result<WitnessDirectory> WitnessDirectory::open(os::FileSystem& files, const std::string& directory) {
  const std::string file = os::join(directory, kWitnessSettingsFile);
  const auto text = os::read_file(files, file, kSettingsBytesMax);
  if (!text && text.error().code == Code::kNotFound) {
    return fail(Code::kNotFound, fmt::format("{} is no directory of a witness (it has no {}): make one with `weerbaar "
                                             "witness DIR init NAME`",
                                             directory, kWitnessSettingsFile));
  }
  if (!text) return std::unexpected(text.error());
  WitnessDirectory opened(files, directory);
  WEERBAAR_ASSIGN(opened.settings_, parse_witness_settings(as_text(*text)));
  return opened;
}

Result<std::unique_ptr<witness::Witness>> WitnessDirectory::open_witness() const {
  const std::string file = os::join(directory_, kKeyFile);
  WEERBAAR_ASSIGN(Bytes secret, os::read_file(*files_, file, kKeyBytesMax));
  std::string_view text = as_text(secret);
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto key = trail::SigningKey::parse(text, trail::SignatureType::kCosignature);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!key) return fail_in(file, key.error());
  if (key->verifier().format() != settings_.verifier_key || key->verifier().name != settings_.name) {
    return fail(Code::kDenied, fmt::format("{} is not the key that {} names: one of them was exchanged, put the right "
                                           "one back",
                                           file, kWitnessSettingsFile));
  }
  WEERBAAR_ASSIGN(auto witness, witness::Witness::open(*files_, directory_, std::move(*key)));
  witness->use_logs(settings_.logs);
  return witness;
}

Result<http::TlsOptions> WitnessDirectory::certificate() const {
  return find_certificate(
      {*files_, directory_, "", directory_, settings_.listen, settings_.certificate, settings_.key, ""});
}

}  // namespace weerbaar::server

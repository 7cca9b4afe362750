#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/paths.h"

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

Result<Settings> make_data_directory(const InitOptions& options) {
  WEERBAAR_ASSIGN(const std::filesystem::path directory, whole_path(options.directory));
  WEERBAAR_ASSIGN(const std::string keys, place_of_keys(options, directory));
  const std::string origin = options.origin.empty() ? default_origin(directory) : options.origin;
  return DataDirectory::create(os::real_file_system(), options.directory, origin, keys, options.retention_months);
}

Result<int> run_init(const InitOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const Settings settings, make_data_directory(options));
  if (console.json()) {
    const nlohmann::ordered_json json = {{"origin", settings.origin}, {"verifier_key", settings.verifier_key}};
    console.result(json.dump());
    return kExitYes;
  }
  console.result(fmt::format("Made the data directory {} for the log {}.", options.directory, settings.origin));
  console.result(fmt::format("Its verifier key, to publish: {}", settings.verifier_key));
  WEERBAAR_ASSIGN(const std::filesystem::path directory, whole_path(options.directory));
  std::error_code error;
  const std::filesystem::path place = std::filesystem::weakly_canonical(directory / settings.keys, error);
  console.result(fmt::format("Its secret keys are in {}: keep them apart, and back them up.",
                             error ? settings.keys : place.string()));
  return kExitYes;
}

}  // namespace weerbaar::server

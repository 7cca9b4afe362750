#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "os/process.h"
#include "server/commands.h"

namespace weerbaar::server {
namespace {

std::string last_part(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

// A name for the log when none was given: unique enough on one network, and allowed in a key name.
std::string default_origin(const std::string& directory) {
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

Result<int> run_init(const InitOptions& options, Console& console) {
  const std::string origin = options.origin.empty() ? default_origin(options.directory) : options.origin;
  // By default relative to the data directory, so that both can move together.
  const std::string keys = options.keys.empty() ? os::join("..", last_part(options.directory) + ".keys")
                                                : std::filesystem::absolute(options.keys).string();
  WEERBAAR_ASSIGN(const Settings settings, DataDirectory::create(os::real_file_system(), options.directory, origin,
                                                                 keys, options.retention_months));
  if (console.json()) {
    const nlohmann::ordered_json json = {{"origin", settings.origin}, {"verifier_key", settings.verifier_key}};
    console.result(json.dump());
    return kExitYes;
  }
  console.result(fmt::format("Made the data directory {} for the log {}.", options.directory, settings.origin));
  console.result(fmt::format("Its verifier key, to publish: {}", settings.verifier_key));
  console.result(fmt::format(
      "Its secret keys are in {} (seen from the data directory): keep them apart, and back them up.", settings.keys));
  return kExitYes;
}

}  // namespace weerbaar::server

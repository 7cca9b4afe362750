#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "service/credentials.h"

namespace weerbaar::server {

Result<int> run_token(const TokenOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const std::string token, service::make_token());
  const std::string hash = service::token_hash(token);
  if (console.json()) {
    const nlohmann::ordered_json json = {
        {options.is_application ? "application" : "source", options.source}, {"token", token}, {"token_sha256", hash}};
    console.result(to_line(json));
    return kExitYes;
  }
  console.result(fmt::format("The token of {}, for whoever {}; it is shown once and kept nowhere:\n\n  {}\n",
                             options.source, options.is_application ? "asks for its decisions" : "sends its events",
                             token));
  console.result(
      fmt::format("For weerbaar.toml; then `systemctl reload weerbaar`, or send the server a SIGHUP:\n\n"
                  "[[serve.{}]]\nname = \"{}\"\ntoken_sha256 = \"{}\"{}",
                  options.is_application ? "application" : "source", options.source, hash,
                  options.is_application ? "\nsystems = [\"…\"]" : ""));
  return kExitYes;
}

}  // namespace weerbaar::server

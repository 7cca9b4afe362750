#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "service/senders.h"

namespace weerbaar::server {

Result<int> run_token(const TokenOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const std::string token, service::make_token());
  const std::string hash = service::token_hash(token);
  if (console.json()) {
    const nlohmann::ordered_json json = {{"source", options.source}, {"token", token}, {"token_sha256", hash}};
    console.result(to_line(json));
    return kExitYes;
  }
  console.result(
      fmt::format("The token of {}, for whoever sends its events; it is shown once and kept nowhere:\n\n  {}\n",
                  options.source, token));
  console.result(
      fmt::format("For weerbaar.toml; then `systemctl reload weerbaar`, or send the server a SIGHUP:\n\n"
                  "[[serve.source]]\nname = \"{}\"\ntoken_sha256 = \"{}\"",
                  options.source, hash));
  return kExitYes;
}

}  // namespace weerbaar::server

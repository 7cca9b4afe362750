#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "domain/access_event.h"
#include "server/commands.h"
#include "server/serve_settings.h"
#include "service/credentials.h"

namespace weerbaar::server {

namespace {

constexpr std::string_view kSource = "source";

// For whom a token is.
struct Kind {
  std::string_view name;  // of the setting [[serve.NAME]]
  std::string_view does;
  std::string_view more;  // lines of the settings
};

Kind kind_of(const TokenOptions& options) {
  if (options.is_application)
    return {"application", "asks for its decisions",
            "\nsystems = []  # name those that it asks about, as access events do: [\"BRP\"]"};
  if (options.is_mirror) return {"mirror", "reads the entries of the log", ""};
  return {kSource, "sends its events", ""};
}

// One that the settings refuse would be of no use.
Status check_name(const TokenOptions& options, const Kind& kind) {
  if (!is_sender_name(options.source)) {
    return fail(Code::kInvalid, fmt::format("the name of the {} has 1 to {} letters, digits, '.', '_' and '-': choose "
                                            "one that weerbaar.toml takes",
                                            kind.name, kNameBytesMax));
  }
  if (kind.name == kSource && options.source == kOwnSource) {
    return fail(Code::kInvalid,
                fmt::format("\"{}\" is the source of Weerbaar itself: choose another name", kOwnSource));
  }
  return {};
}

}  // namespace

Result<int> run_token(const TokenOptions& options, Console& console) {
  const Kind kind = kind_of(options);
  WEERBAAR_TRY(check_name(options, kind));
  WEERBAAR_ASSIGN(const std::string token, service::make_token());
  const std::string hash = service::token_hash(token);
  if (console.json()) {
    const nlohmann::ordered_json json = {
        {std::string(kind.name), options.source}, {"token", token}, {"token_sha256", hash}};
    console.result(to_line(json));
    return kExitYes;
  }
  console.result(fmt::format("The token of {}, for whoever {}; it is shown once and kept nowhere:\n\n  {}\n",
                             options.source, kind.does, token));
  console.result(
      fmt::format("For weerbaar.toml; then `systemctl reload weerbaar`, or send the server a SIGHUP:\n\n"
                  "[[serve.{}]]\nname = \"{}\"\ntoken_sha256 = \"{}\"{}",
                  kind.name, options.source, hash, kind.more));
  return kExitYes;
}

}  // namespace weerbaar::server

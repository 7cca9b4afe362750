#include "server/log_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/settings_toml.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kPrefix = "serve.";
constexpr std::string_view kWitnessPrefix = "serve.witness.";
constexpr size_t kWitnessesMax = 32;
constexpr size_t kNameLengthMax = 64;
constexpr std::chrono::seconds kEveryMax{3'600};

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLengthMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

bool is_url(std::string_view url) {
  const bool fine =
      url.size() < 2'000 && !url.ends_with('/') &&
      std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F && c != '?' && c != '#' && c != '@'; });
  if (!fine) return false;
  if (url.starts_with("https://")) return url.size() > 8;
  for (const std::string_view loopback : {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"}) {
    if (url.starts_with(loopback) && url.size() > loopback.size()) return true;
  }
  return false;
}

Result<WitnessSettings> parse_witness(const toml::table& table) {
  static constexpr std::array<std::string_view, 4> kKnown = {"name", "url", "key", "authorities"};
  WEERBAAR_TRY(check_known(table, kKnown, kWitnessPrefix));
  WitnessSettings witness;
  WEERBAAR_TRY(read_text(table, kWitnessPrefix, "name", witness.name));
  WEERBAAR_TRY(read_text(table, kWitnessPrefix, "url", witness.url));
  WEERBAAR_TRY(read_text(table, kWitnessPrefix, "authorities", witness.authorities));
  std::string key;
  WEERBAAR_TRY(read_text(table, kWitnessPrefix, "key", key));
  const std::string place = place_of(table);
  if (!is_name(witness.name)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.witness.name has 1 to {} letters, digits, '.', '_' and '-'",
                                            place, kNameLengthMax));
  }
  if (!is_url(witness.url)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.witness.url is like https://witness.example.org, without a / at "
                                            "the end; http:// for a port of this machine only",
                                            place));
  }
  auto parsed = trail::VerifierKey::parse(key, trail::SignatureType::kCosignature);
  if (!parsed) return fail_in(place + ": serve.witness.key, which `weerbaar witness DIR init` shows", parsed.error());
  witness.key = std::move(*parsed);
  return witness;
}

Status read_witnesses(const toml::node& node, std::vector<WitnessSettings>& witnesses) {
  const toml::array* const array = node.as_array();
  const auto wrong = [](const toml::node& at) {
    return fail(Code::kInvalid,
                fmt::format("{}: serve.witness is a list of at most {}: write [[serve.witness]] and its "
                            "settings below it",
                            place_of(at), kWitnessesMax));
  };
  if (array == nullptr || array->size() > kWitnessesMax) return wrong(node);
  for (const toml::node& item : *array) {
    const toml::table* const table = item.as_table();
    if (table == nullptr) return wrong(item);
    WEERBAAR_ASSIGN(WitnessSettings witness, parse_witness(*table));
    for (const WitnessSettings& other : witnesses) {
      if (other.name == witness.name || other.key.public_key == witness.key.public_key) {
        return fail(Code::kInvalid, fmt::format("{}: two witnesses have the same name or key: they would count as two "
                                                "and be one",
                                                place_of(item)));
      }
    }
    witnesses.push_back(std::move(witness));
  }
  return {};
}

Status read_pace(const toml::table& serve, std::string_view name, std::chrono::milliseconds& to) {
  WEERBAAR_TRY(read_time(serve, kPrefix, name, kEveryMax, to));
  if (to >= std::chrono::seconds(1)) return {};
  return fail(Code::kInvalid, fmt::format("{}: serve.{} is \"1s\" or more", place_of(serve), name));
}

}  // namespace

Status read_log_settings(const toml::table& serve, LogSettings& settings) {
  WEERBAAR_TRY(read_pace(serve, "witness_every", settings.witness_every));
  WEERBAAR_TRY(read_pace(serve, "sign_every", settings.sign_every));
  if (const toml::node* const node = serve.get("witness")) {
    WEERBAAR_TRY(read_witnesses(*node, settings.witnesses));
  }
  const auto count = static_cast<int64_t>(settings.witnesses.size());
  settings.witness_quorum = count == 0 ? 0 : count / 2 + 1;
  return read_whole_number(serve, kPrefix, "witness_quorum", 0, count, settings.witness_quorum);
}

}  // namespace weerbaar::server

#include "server/serve_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "domain/access_event.h"
#include "http/address_range.h"
#include "server/data_directory.h"
#include "server/feed_settings.h"
#include "server/settings_toml.h"

namespace weerbaar::server {
namespace {

using service::Application;
using service::SourceSettings;

constexpr std::string_view kPrefix = "serve.";
constexpr std::string_view kSourcePrefix = "serve.source.";
constexpr std::string_view kApplicationPrefix = "serve.application.";
constexpr std::string_view kMirrorPrefix = "serve.mirror.";
constexpr size_t kSha256Digits = 64;
constexpr std::chrono::hours kJoinWithinMax{24};
constexpr size_t kSendersMax = 10'000;
constexpr size_t kSystemsMax = 1'000;
constexpr int64_t kWorkersMax = 1'024;
constexpr int64_t kConnectionsMax = 1'000'000;
constexpr int64_t kRequestsMax = 1'000'000'000;
constexpr int64_t kMebibytesMax = 1'024;
constexpr int64_t kBodiesMebibytesMax = 1'024 * 1'024;
// As it came, and decompressed.
constexpr int64_t kRoomsOfABody = 2;

bool is_sha256(std::string_view text) {
  return text.size() == kSha256Digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<SourceSettings> parse_source(const toml::table& table) {
  std::vector<std::string_view> known = {"name", "token_sha256", "certificate_subject", "mapping", "join_within"};
  known.insert(known.end(), kFeedKeys.begin(), kFeedKeys.end());
  WEERBAAR_TRY(check_known(table, known, kSourcePrefix));
  SourceSettings source;
  WEERBAAR_TRY(read_text(table, kSourcePrefix, "name", source.name));
  WEERBAAR_TRY(read_text(table, kSourcePrefix, "token_sha256", source.token_sha256));
  WEERBAAR_TRY(read_text(table, kSourcePrefix, "certificate_subject", source.certificate_subject));
  WEERBAAR_TRY(read_text(table, kSourcePrefix, "mapping", source.mapping));
  WEERBAAR_TRY(read_time(table, kSourcePrefix, "join_within", kJoinWithinMax, source.join_within));
  const std::string place = place_of(table);
  if (!is_sender_name(source.name) || source.name == kOwnSource) {
    return fail(Code::kInvalid, fmt::format("{}: serve.source.name has 1 to {} letters, digits, '.', '_' and '-', and "
                                            "is not \"{}\", which Weerbaar keeps for itself",
                                            place, kNameBytesMax, kOwnSource));
  }
  if (!source.token_sha256.empty() && !is_sha256(source.token_sha256)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.source.token_sha256 is 64 hexadecimal digits in lower case: "
                                            "`weerbaar token` makes a token and gives them",
                                            place));
  }
  WEERBAAR_TRY(read_feed_settings(table, source));
  if (source.token_sha256.empty() && source.certificate_subject.empty() && source.syslog_addresses.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: the source needs token_sha256, certificate_subject or "
                                            "syslog_addresses, else nobody could write as it",
                                            place));
  }
  return source;
}

Result<Application> parse_application(const toml::table& table) {
  static constexpr std::array<std::string_view, 4> kKnown = {"name", "token_sha256", "certificate_subject", "systems"};
  WEERBAAR_TRY(check_known(table, kKnown, kApplicationPrefix));
  Application application;
  WEERBAAR_TRY(read_text(table, kApplicationPrefix, "name", application.name));
  WEERBAAR_TRY(read_text(table, kApplicationPrefix, "token_sha256", application.token_sha256));
  WEERBAAR_TRY(read_text(table, kApplicationPrefix, "certificate_subject", application.certificate_subject));
  const std::string place = place_of(table);
  if (!is_sender_name(application.name)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.application.name has 1 to {} letters, digits, '.', '_' and '-'",
                                            place, kNameBytesMax));
  }
  if (!application.token_sha256.empty() && !is_sha256(application.token_sha256)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.application.token_sha256 is 64 hexadecimal digits in lower "
                                            "case: `weerbaar token NAME --application` makes a token and gives them",
                                            place));
  }
  if (application.token_sha256.empty() && application.certificate_subject.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: the application needs token_sha256 or certificate_subject", place));
  }
  const toml::array* const systems = table["systems"].as_array();
  if (systems == nullptr || systems->empty() || systems->size() > kSystemsMax) {
    return fail(Code::kInvalid, fmt::format("{}: serve.application.systems lists the systems that it asks about, 1 to "
                                            "{}, as access events name them",
                                            place, kSystemsMax));
  }
  for (const toml::node& item : *systems) {
    const auto system = item.value<std::string>();
    if (!system || system->empty() || system->size() > kNameBytesMax) {
      return fail(Code::kInvalid, fmt::format("{}: serve.application.systems holds texts of 1 to {} bytes",
                                              place_of(item), kNameBytesMax));
    }
    // Of an example that was copied as it stands: every question would be denied, and nobody would see why.
    if (*system == "…" || *system == "...") {
      return fail(Code::kInvalid, fmt::format("{}: serve.application.systems has \"{}\", which stands for a name: name "
                                              "the systems that it asks about, as access events do, such as \"BRP\"",
                                              place_of(item), *system));
    }
    application.systems.push_back(*system);
  }
  return application;
}

Result<service::Mirror> parse_mirror(const toml::table& table) {
  static constexpr std::array<std::string_view, 3> kKnown = {"name", "token_sha256", "certificate_subject"};
  WEERBAAR_TRY(check_known(table, kKnown, kMirrorPrefix));
  service::Mirror mirror;
  WEERBAAR_TRY(read_text(table, kMirrorPrefix, "name", mirror.name));
  WEERBAAR_TRY(read_text(table, kMirrorPrefix, "token_sha256", mirror.token_sha256));
  WEERBAAR_TRY(read_text(table, kMirrorPrefix, "certificate_subject", mirror.certificate_subject));
  const std::string place = place_of(table);
  if (!is_sender_name(mirror.name)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.mirror.name has 1 to {} letters, digits, '.', '_' and '-'",
                                            place, kNameBytesMax));
  }
  if (!mirror.token_sha256.empty() && !is_sha256(mirror.token_sha256)) {
    return fail(Code::kInvalid, fmt::format("{}: serve.mirror.token_sha256 is 64 hexadecimal digits in lower case: "
                                            "`weerbaar token NAME --mirror` makes a token and gives them",
                                            place));
  }
  if (mirror.token_sha256.empty() && mirror.certificate_subject.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: the mirror needs token_sha256 or certificate_subject", place));
  }
  return mirror;
}

// Two that are known by the same thing could pass for each other.
template <class Sender>
Status check_distinct(const std::vector<Sender>& senders, const toml::node& node, std::string_view what) {
  for (const auto& [field, name] : {std::pair{&Sender::name, "name"}, std::pair{&Sender::token_sha256, "token_sha256"},
                                    std::pair{&Sender::certificate_subject, "certificate_subject"}}) {
    std::vector<std::string_view> values;
    for (const Sender& sender : senders) {
      if (!(sender.*field).empty()) values.push_back(sender.*field);
    }
    std::ranges::sort(values);
    if (std::ranges::adjacent_find(values) != values.end()) {
      return fail(Code::kInvalid, fmt::format("{}: two {}s have the same {}", place_of(node), what, name));
    }
  }
  return {};
}

// The list [[serve.`what`]].
template <class Sender>
Status read_senders(const toml::table& serve, std::string_view what, Result<Sender> (*parse)(const toml::table&),
                    std::vector<Sender>& senders) {
  const toml::node* const node = serve.get(what);
  if (node == nullptr) return {};
  const toml::array* const array = node->as_array();
  if (array == nullptr || array->size() > kSendersMax) {
    return fail(Code::kInvalid, fmt::format("{}: serve.{} is a list of at most {}: write [[serve.{}]] and its settings "
                                            "below it",
                                            place_of(*node), what, kSendersMax, what));
  }
  for (const toml::node& item : *array) {
    const toml::table* const table = item.as_table();
    if (table == nullptr) {
      return fail(Code::kInvalid,
                  fmt::format("{}: write [[serve.{}]] and its settings below it", place_of(item), what));
    }
    WEERBAAR_ASSIGN(Sender sender, parse(*table));
    senders.push_back(std::move(sender));
  }
  return check_distinct(senders, *node, what);
}

Status read_public_url(const toml::table& serve, std::string& url) {
  constexpr std::string_view kScheme = "https://";
  WEERBAAR_TRY(read_text(serve, kPrefix, "public_url", url));
  // Those who are told it make the address of the metadata from it, and that has no path in front.
  const auto is_of_host = [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("/?#@\\").find(c) == std::string_view::npos;
  };
  const bool is_right = url.starts_with(kScheme) && url.size() > kScheme.size() &&
                        std::ranges::all_of(std::string_view(url).substr(kScheme.size()), is_of_host);
  if (url.empty() || is_right) return {};
  return fail(Code::kInvalid,
              fmt::format("{}: serve.public_url is like https://weerbaar.example.org, with a port where "
                          "it is not 443, and without a path or a / at the end: give the server a name "
                          "of its own at the proxy",
                          place_of(*serve.get("public_url"))));
}

// Where it listens, and whether without TLS.
Status read_listen(const toml::table& serve, ServeSettings& settings) {
  std::string listen;
  WEERBAAR_TRY(read_text(serve, kPrefix, "listen", listen));
  if (!listen.empty()) {
    auto parsed = parse_listen(listen);
    if (!parsed) return fail_in(place_of(*serve.get("listen")) + ": serve.listen", parsed.error());
    settings.listen = *parsed;
  }
  WEERBAAR_TRY(read_truth(serve, kPrefix, "plain_http", settings.plain_http));
  if (settings.plain_http) {
    WEERBAAR_TRY(check_plain_http(settings.listen, place_of(*serve.get(listen.empty() ? "plain_http" : "listen"))));
  }
  WEERBAAR_TRY(read_truth(serve, kPrefix, "forwarded_for", settings.forwarded_for));
  if (!settings.forwarded_for || settings.plain_http) return {};
  return fail(Code::kInvalid,
              fmt::format("{}: serve.forwarded_for is for a proxy on this machine, with plain_http = true: of others "
                          "nobody knows whether it is true what they say of clients",
                          place_of(*serve.get("forwarded_for"))));
}

Status read_numbers(const toml::table& serve, ServeSettings& settings) {
  WEERBAAR_TRY(read_whole_number(serve, kPrefix, "workers", 1, kWorkersMax, settings.workers));
  WEERBAAR_TRY(read_whole_number(serve, kPrefix, "connections", 1, kConnectionsMax, settings.connections));
  WEERBAAR_TRY(
      read_whole_number(serve, kPrefix, "connections_a_client", 1, kConnectionsMax, settings.connections_a_client));
  WEERBAAR_TRY(read_whole_number(serve, kPrefix, "requests_a_second", 0, kRequestsMax, settings.requests_a_second));
  WEERBAAR_TRY(read_whole_number(serve, kPrefix, "body_mebibytes", 1, kMebibytesMax, settings.body_mebibytes));
  WEERBAAR_TRY(
      read_whole_number(serve, kPrefix, "waiting_mebibytes", 1, kBodiesMebibytesMax, settings.waiting_mebibytes));
  WEERBAAR_TRY(
      read_whole_number(serve, kPrefix, "bodies_mebibytes", 1, kBodiesMebibytesMax, settings.bodies_mebibytes));
  if (settings.bodies_mebibytes >= kRoomsOfABody * settings.body_mebibytes) return {};
  const bool says_all = serve.contains("bodies_mebibytes");
  return fail(
      Code::kInvalid,
      fmt::format("{}: serve.bodies_mebibytes ({}) is at least {} times serve.body_mebibytes ({}): the largest "
                  "body is held as it came and decompressed, and would be told to come back for ever. Give "
                  "bodies_mebibytes {} or more, or lower body_mebibytes",
                  place_of(*serve.get(says_all ? "bodies_mebibytes" : "body_mebibytes")), settings.bodies_mebibytes,
                  kRoomsOfABody, settings.body_mebibytes, kRoomsOfABody * settings.body_mebibytes));
}

}  // namespace

bool is_sender_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

Result<Listen> parse_listen(std::string_view text) {
  const auto wrong = [] {
    return fail(Code::kInvalid, "the address to listen on is like 127.0.0.1:8443 or [::1]:8443");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (address.empty() || bracketed != (address.find(':') != std::string_view::npos)) return wrong();
  Listen listen;
  listen.address = std::string(address);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), listen.port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return wrong();
  return listen;
}

Status check_plain_http(const Listen& listen, std::string_view place) {
  if (http::is_loopback(listen.address)) return {};
  return fail(Code::kInvalid,
              fmt::format("{}: without TLS (plain_http = true) the address to listen on is 127.0.0.1 or ::1: listen "
                          "there, behind a proxy on this machine, or take plain_http away",
                          place));
}

Result<ServeSettings> parse_serve_settings(const toml::table& serve) {
  static constexpr std::array<std::string_view, 22> kKnown = {"listen",
                                                              "plain_http",
                                                              "forwarded_for",
                                                              "certificate",
                                                              "key",
                                                              "client_authorities",
                                                              "workers",
                                                              "connections",
                                                              "connections_a_client",
                                                              "requests_a_second",
                                                              "body_mebibytes",
                                                              "bodies_mebibytes",
                                                              "waiting_mebibytes",
                                                              "public_url",
                                                              "source",
                                                              "application",
                                                              "syslog",
                                                              "mirror",
                                                              "sign_every",
                                                              "witness",
                                                              "witness_every",
                                                              "witness_quorum"};
  WEERBAAR_TRY(check_known(serve, kKnown, kPrefix));
  ServeSettings settings;
  WEERBAAR_TRY(read_listen(serve, settings));
  WEERBAAR_TRY(read_text(serve, kPrefix, "certificate", settings.certificate));
  WEERBAAR_TRY(read_text(serve, kPrefix, "key", settings.key));
  WEERBAAR_TRY(read_text(serve, kPrefix, "client_authorities", settings.client_authorities));
  if (settings.certificate.empty() != settings.key.empty()) {
    return fail(Code::kInvalid,
                fmt::format("{}: serve.certificate and serve.key go together: give both, or neither", place_of(serve)));
  }
  WEERBAAR_TRY(read_numbers(serve, settings));
  WEERBAAR_TRY(read_public_url(serve, settings.public_url));
  WEERBAAR_TRY(read_senders(serve, "source", &parse_source, settings.sources));
  WEERBAAR_TRY(read_senders(serve, "application", &parse_application, settings.applications));
  WEERBAAR_TRY(read_senders(serve, "mirror", &parse_mirror, settings.log.mirrors));
  WEERBAAR_TRY(read_log_settings(serve, settings.log));
  const auto has_certificate = [](const auto& sender) { return !sender.certificate_subject.empty(); };
  const bool by_certificate = std::ranges::any_of(settings.sources, has_certificate) ||
                              std::ranges::any_of(settings.applications, has_certificate) ||
                              std::ranges::any_of(settings.log.mirrors, has_certificate);
  if (const toml::node* const sources = serve.get("source")) {
    WEERBAAR_TRY(check_distinct_addresses(settings.sources, *sources));
  }
  WEERBAAR_TRY(read_syslog_settings(serve, settings));
  if (by_certificate && (settings.client_authorities.empty() || settings.plain_http)) {
    return fail(
        Code::kInvalid,
        fmt::format("{}: a source, application or mirror with certificate_subject needs serve.client_authorities, the "
                    "authorities that vouch for it, and no plain_http",
                    place_of(serve)));
  }
  return settings;
}

}  // namespace weerbaar::server

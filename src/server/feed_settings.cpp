#include "server/feed_settings.h"

#include <fmt/format.h>

#include "domain/access_event.h"
#include "http/address_range.h"
#include "server/settings_toml.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kSourcePrefix = "serve.source.";
constexpr std::string_view kSyslogPrefix = "serve.syslog.";
// Each holds a piece that was read, and up to two megabytes of what it remembers.
constexpr int64_t kConnectionsMax = 4'096;
constexpr std::chrono::hours kHeartbeatMax{24 * 31};
constexpr size_t kRangesMax = 1'000;

Status read_addresses(const toml::table& source, std::vector<std::string>& to) {
  const toml::node* const node = source.get("syslog_addresses");
  if (node == nullptr) return {};
  const toml::array* const array = node->as_array();
  if (array == nullptr || array->empty() || array->size() > kRangesMax) {
    return fail(Code::kInvalid, fmt::format("{}: serve.source.syslog_addresses is a list of 1 to {} ranges, such as "
                                            "[\"10.0.0.0/8\", \"::1\"]",
                                            place_of(*node), kRangesMax));
  }
  for (const toml::node& item : *array) {
    const auto text = item.value<std::string>();
    const auto range = http::parse_address_range(text.value_or(""));
    if (!range) return fail_in(place_of(item) + ": serve.source.syslog_addresses", range.error());
    to.push_back(*text);
  }
  return {};
}

Status read_listen(const toml::table& syslog, const char* name, std::optional<Listen>& to) {
  std::string text;
  WEERBAAR_TRY(read_text(syslog, kSyslogPrefix, name, text));
  if (text.empty()) return {};
  auto parsed = parse_listen(text);
  if (!parsed)
    return fail_in(fmt::format("{}: {}{}", place_of(*syslog.get(name)), kSyslogPrefix, name), parsed.error());
  to = *parsed;
  return {};
}

// Without TLS anybody on the way reads what is sent, and by UDP anybody can write it.
Status check_plain(const toml::table& syslog, const SyslogSettings& settings) {
  for (const auto& [name, listen] : {std::pair{"listen_tcp", &settings.tcp}, std::pair{"listen_udp", &settings.udp}}) {
    if (!*listen || settings.plain_on_network || http::is_loopback((*listen)->address)) continue;
    return fail(Code::kInvalid,
                fmt::format("{}: serve.syslog.{} is on this machine only, such as 127.0.0.1:514: what comes by it is "
                            "not encrypted, and its sender not proved. Use listen_tls, or say plain_on_network = true",
                            place_of(*syslog.get(name)), name));
  }
  return {};
}

}  // namespace

Status read_feed_settings(const toml::table& source, service::SourceSettings& to) {
  WEERBAAR_TRY(read_text(source, kSourcePrefix, "syslog_mapping", to.syslog_mapping));
  WEERBAAR_TRY(read_addresses(source, to.syslog_addresses));
  WEERBAAR_TRY(read_time(source, kSourcePrefix, "heartbeat", kHeartbeatMax, to.heartbeat));
  WEERBAAR_TRY(read_text(source, kSourcePrefix, "sequence_attribute", to.sequence_attribute));
  WEERBAAR_TRY(read_text(source, kSourcePrefix, "counter_attribute", to.counter_attribute));
  const std::string place = place_of(source);
  if (!to.syslog_mapping.empty() && to.certificate_subject.empty() && to.syslog_addresses.empty()) {
    return fail(Code::kInvalid,
                fmt::format("{}: a source with syslog_mapping needs certificate_subject or syslog_addresses: syslog "
                            "has no tokens",
                            place));
  }
  if (!to.syslog_addresses.empty() && to.syslog_mapping.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: a source with syslog_addresses needs syslog_mapping", place));
  }
  if (!to.counter_attribute.empty() && to.sequence_attribute.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: a source with counter_attribute needs sequence_attribute", place));
  }
  return {};
}

Status check_distinct_addresses(const std::vector<service::SourceSettings>& sources, const toml::node& node) {
  http::AddressTable table;
  for (size_t i = 0; i < sources.size(); ++i) {
    for (const std::string& text : sources[i].syslog_addresses) {
      WEERBAAR_ASSIGN(const http::AddressRange range, http::parse_address_range(text));
      if (table.add(range, i)) continue;
      return fail(Code::kInvalid, fmt::format("{}: a range of syslog_addresses stands there twice, so that nobody "
                                              "could tell who sends from it",
                                              place_of(node)));
    }
  }
  return {};
}

Status read_syslog_settings(const toml::table& serve, ServeSettings& settings) {
  static constexpr std::array<std::string_view, 6> kKnown = {"listen_tls",       "listen_tcp",  "listen_udp",
                                                             "plain_on_network", "connections", "connections_a_client"};
  const toml::node* const node = serve.get("syslog");
  if (node == nullptr) return {};
  const toml::table* const table = node->as_table();
  if (table == nullptr) {
    return fail(Code::kInvalid, fmt::format("{}: write [serve.syslog] and its settings below it", place_of(*node)));
  }
  SyslogSettings& syslog = settings.syslog;
  WEERBAAR_TRY(check_known(*table, kKnown, kSyslogPrefix));
  WEERBAAR_TRY(read_whole_number(*table, kSyslogPrefix, "connections", 1, kConnectionsMax, syslog.connections));
  WEERBAAR_TRY(read_whole_number(*table, kSyslogPrefix, "connections_a_client", 1, kConnectionsMax,
                                 syslog.connections_a_client));
  WEERBAAR_TRY(read_truth(*table, kSyslogPrefix, "plain_on_network", syslog.plain_on_network));
  WEERBAAR_TRY(read_listen(*table, "listen_tls", syslog.tls));
  WEERBAAR_TRY(read_listen(*table, "listen_tcp", syslog.tcp));
  WEERBAAR_TRY(read_listen(*table, "listen_udp", syslog.udp));
  WEERBAAR_TRY(check_plain(*table, syslog));
  if (syslog.tls && (settings.client_authorities.empty() || settings.plain_http)) {
    return fail(Code::kInvalid,
                fmt::format("{}: serve.syslog.listen_tls needs serve.client_authorities, the authorities that vouch "
                            "for its senders, and no plain_http",
                            place_of(*node)));
  }
  return {};
}

}  // namespace weerbaar::server

// The settings of `weerbaar serve`: the section [serve] of weerbaar.toml. docs/operate/serve.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/log_settings.h"
#include "service/applications.h"
#include "service/senders.h"

namespace weerbaar::server {

struct Listen {
  std::string address = "127.0.0.1";
  uint16_t port = 8'443;

  bool operator==(const Listen&) const = default;
};
// Whether a source, application or mirror may have this name: 1 to kNameBytesMax letters, digits, '.', '_' and '-'. A
// source is not kOwnSource besides.
bool is_sender_name(std::string_view name);
// kInvalid when what is listened on without TLS is more than this machine. `place`: of the setting that says where.
Status check_plain_http(const Listen& listen, std::string_view place);
// "127.0.0.1:8443" or "[::1]:8443". kInvalid when it is something else.
Result<Listen> parse_listen(std::string_view text);

// [serve.syslog]. Where nothing listens no syslog is taken.
struct SyslogSettings {
  std::optional<Listen> tls;
  std::optional<Listen> tcp;  // without TLS
  std::optional<Listen> udp;
  bool plain_on_network = false;      // these two not only on this machine
  int64_t connections = 256;          // at each of the two
  int64_t connections_a_client = 64;  // the same

  bool operator==(const SyslogSettings&) const = default;
};

// Paths are relative to the data directory unless they begin with '/'.
struct ServeSettings {
  Listen listen;
  bool plain_http = false;
  bool forwarded_for = false;      // with plain_http: X-Forwarded-For of the proxy says who asks
  std::string certificate;         // PEM; empty: one is made at first use, beside the keys
  std::string key;                 // of it
  std::string client_authorities;  // PEM; empty: clients are not asked for a certificate
  int64_t workers = 32;
  int64_t connections = 4'096;
  int64_t connections_a_client = 512;
  int64_t requests_a_second = 10'000;  // of one client; 0: no limit
  int64_t body_mebibytes = 64;         // of one request
  int64_t bodies_mebibytes = 512;      // of all at once
  int64_t waiting_mebibytes = 256;     // of halves of accesses that wait for the others
  std::string public_url;              // by which applications reach the server; empty: the host that they name
  SyslogSettings syslog;
  std::vector<service::SourceSettings> sources;
  std::vector<service::Application> applications;
  LogSettings log;
};

}  // namespace weerbaar::server

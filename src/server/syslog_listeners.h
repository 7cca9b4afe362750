// Where the server listens for syslog: by TLS, by TCP and by UDP, as the settings say.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/datagram_server.h"
#include "http/feed_server.h"
#include "http/server.h"
#include "server/serve_settings.h"
#include "service/json_log.h"
#include "service/syslog_intake.h"

namespace weerbaar::server {

// Thread-safe after open().
class SyslogListeners {
 public:
  // Listens when it returns. `tls` is that of the server. `intake` and `log` must outlive it.
  static Result<std::unique_ptr<SyslogListeners>> open(const SyslogSettings& settings,
                                                       const std::optional<http::TlsOptions>& tls,
                                                       service::SyslogIntake& intake, service::JsonLog& log);

  // For Prometheus.
  [[nodiscard]] std::string metrics() const;
  // Nothing more is listened to. What was received is in the trail when it returns, unless that takes nothing.
  void stop();

 private:
  SyslogListeners(service::SyslogIntake& intake, service::JsonLog& log) : intake_(intake), log_(log) {}
  Result<std::unique_ptr<http::FeedServer>> open_streams(const Listen& listen, const SyslogSettings& settings,
                                                         std::optional<http::TlsOptions> tls);

  service::SyslogIntake& intake_;
  service::JsonLog& log_;
  std::unique_ptr<http::FeedServer> tls_;
  std::unique_ptr<http::FeedServer> tcp_;
  std::unique_ptr<http::DatagramServer> udp_;
};

}  // namespace weerbaar::server

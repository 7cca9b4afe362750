#include "server/syslog_listeners.h"

#include <fmt/format.h>

#include <array>
#include <thread>
#include <utility>

namespace weerbaar::server {

Result<std::unique_ptr<http::FeedServer>> SyslogListeners::open_streams(const Listen& listen,
                                                                        const SyslogSettings& settings,
                                                                        std::optional<http::TlsOptions> tls) {
  http::FeedOptions options;
  options.address = listen.address;
  options.port = listen.port;
  options.connections_max = static_cast<size_t>(settings.connections);
  options.connections_a_client_max = static_cast<size_t>(settings.connections_a_client);
  options.tls = std::move(tls);
  const std::string_view by = options.tls ? "tls" : "tcp";
  WEERBAAR_ASSIGN(auto opened, http::FeedServer::open(options, intake_));
  log_.info("listening for syslog",
            {{"by", by}, {"address", std::string_view(options.address)}, {"port", uint64_t{opened->port()}}});
  return opened;
}

Result<std::unique_ptr<SyslogListeners>> SyslogListeners::open(const SyslogSettings& settings,
                                                               const std::optional<http::TlsOptions>& tls,
                                                               service::SyslogIntake& intake, service::JsonLog& log) {
  std::unique_ptr<SyslogListeners> listeners(new SyslogListeners(intake, log));
  if (settings.tls) {
    std::optional<http::TlsOptions> asking = tls;
    asking->client_certificate_required = true;
    WEERBAAR_ASSIGN(listeners->tls_, listeners->open_streams(*settings.tls, settings, std::move(asking)));
  }
  if (settings.tcp) {
    WEERBAAR_ASSIGN(listeners->tcp_, listeners->open_streams(*settings.tcp, settings, std::nullopt));
  }
  if (settings.udp) {
    http::DatagramOptions options;
    options.address = settings.udp->address;
    options.port = settings.udp->port;
    WEERBAAR_ASSIGN(listeners->udp_, http::DatagramServer::open(options, intake));
    log.info("listening for syslog", {{"by", std::string_view("udp")},
                                      {"address", std::string_view(options.address)},
                                      {"port", uint64_t{listeners->udp_->port()}},
                                      {"receive_buffer_bytes", listeners->udp_->statistics().receive_buffer_bytes}});
  }
  return listeners;
}

void SyslogListeners::stop() {
  // Each waits for its senders, all at the same time.
  std::array<std::thread, 2> stopping;
  if (tls_ != nullptr) stopping[0] = std::thread([this] { tls_->stop(); });
  if (tcp_ != nullptr) stopping[1] = std::thread([this] { tcp_->stop(); });
  if (udp_ != nullptr) {
    udp_->stop();
    const http::DatagramStatistics statistics = udp_->statistics();
    if (statistics.dropped + statistics.dropped_by_kernel > 0) {
      log_.warning("datagrams of syslog were dropped since the start",
                   {{"here", statistics.dropped}, {"by_kernel", statistics.dropped_by_kernel}});
    }
  }
  for (std::thread& one : stopping) {
    if (one.joinable()) one.join();
  }
}

std::string SyslogListeners::metrics() const {
  std::string open = "# TYPE weerbaar_syslog_connections_open gauge\n";
  std::string accepted = "# TYPE weerbaar_syslog_connections_accepted_total counter\n";
  std::string refused = "# TYPE weerbaar_syslog_connections_refused_total counter\n";
  std::string timed_out = "# TYPE weerbaar_syslog_connections_timed_out_total counter\n";
  for (const auto& [by, server] : {std::pair{"tls", tls_.get()}, std::pair{"tcp", tcp_.get()}}) {
    if (server == nullptr) continue;
    const http::FeedStatistics of = server->statistics();
    open += fmt::format("weerbaar_syslog_connections_open{{by=\"{}\"}} {}\n", by, of.connections_open);
    accepted +=
        fmt::format("weerbaar_syslog_connections_accepted_total{{by=\"{}\"}} {}\n", by, of.connections_accepted);
    refused += fmt::format("weerbaar_syslog_connections_refused_total{{by=\"{}\"}} {}\n", by, of.connections_refused);
    timed_out += fmt::format("weerbaar_syslog_connections_timed_out_total{{by=\"{}\"}} {}\n", by, of.timeouts);
  }
  std::string text = tls_ != nullptr || tcp_ != nullptr ? open + accepted + refused + timed_out : "";
  if (udp_ == nullptr) return text;
  const http::DatagramStatistics of = udp_->statistics();
  return text + fmt::format(
                    "# TYPE weerbaar_syslog_datagrams_received_total counter\n"
                    "weerbaar_syslog_datagrams_received_total {}\n"
                    "# TYPE weerbaar_syslog_datagrams_dropped_total counter\n"
                    "weerbaar_syslog_datagrams_dropped_total{{by=\"kernel\"}} {}\n"
                    "weerbaar_syslog_datagrams_dropped_total{{by=\"server\"}} {}\n"
                    "# TYPE weerbaar_syslog_datagrams_waiting_bytes gauge\n"
                    "weerbaar_syslog_datagrams_waiting_bytes {}\n"
                    "# TYPE weerbaar_syslog_receive_buffer_bytes gauge\n"
                    "weerbaar_syslog_receive_buffer_bytes {}\n",
                    of.received, of.dropped_by_kernel, of.dropped, of.waiting_bytes, of.receive_buffer_bytes);
}

}  // namespace weerbaar::server

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
  std::string text;
  const auto head = [&text](std::string_view name, std::string_view type, std::string_view help) {
    text += fmt::format("# HELP weerbaar_syslog_{} {}\n# TYPE weerbaar_syslog_{} {}\n", name, help, name, type);
  };
  const auto by_listener = [&](std::string_view name, std::string_view type, std::string_view help,
                               uint64_t http::FeedStatistics::* value) {
    if (tls_ == nullptr && tcp_ == nullptr) return;
    head(name, type, help);
    for (const auto& [by, server] : {std::pair{"tls", tls_.get()}, std::pair{"tcp", tcp_.get()}}) {
      if (server == nullptr) continue;
      text += fmt::format("weerbaar_syslog_{}{{by=\"{}\"}} {}\n", name, by, server->statistics().*value);
    }
  };
  using Feeds = http::FeedStatistics;
  by_listener("connections_open", "gauge", "Connections that are open.", &Feeds::connections_open);
  by_listener("connections_accepted_total", "counter", "Connections, also those that were closed at once.",
              &Feeds::connections_accepted);
  by_listener("connections_refused_total", "counter", "Connections that were closed because there were too many.",
              &Feeds::connections_refused);
  by_listener("connections_timed_out_total", "counter", "Connections that were closed for a limit of time.",
              &Feeds::timeouts);
  if (udp_ == nullptr) return text;
  const http::DatagramStatistics of = udp_->statistics();
  head("datagrams_received_total", "counter", "Datagrams that were read.");
  text += fmt::format("weerbaar_syslog_datagrams_received_total {}\n", of.received);
  head("datagrams_dropped_total", "counter", "Datagrams that were dropped, and who dropped them.");
  text += fmt::format(
      "weerbaar_syslog_datagrams_dropped_total{{by=\"kernel\"}} {}\n"
      "weerbaar_syslog_datagrams_dropped_total{{by=\"server\"}} {}\n",
      of.dropped_by_kernel, of.dropped);
  head("datagrams_waiting_bytes", "gauge", "Of datagrams that wait in the server.");
  text += fmt::format("weerbaar_syslog_datagrams_waiting_bytes {}\n", of.waiting_bytes);
  head("receive_buffer_bytes", "gauge", "Of the buffer for datagrams that the kernel gave.");
  return text + fmt::format("weerbaar_syslog_receive_buffer_bytes {}\n", of.receive_buffer_bytes);
}

}  // namespace weerbaar::server

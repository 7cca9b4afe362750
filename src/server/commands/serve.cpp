#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "http/feed_server.h"
#include "http/server.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/decision_loader.h"
#include "server/people_service.h"
#include "server/server_certificate.h"
#include "service/decision_api.h"
#include "service/event_writer.h"
#include "service/intake_api.h"
#include "service/json_log.h"
#include "service/metrics.h"
#include "service/network_intake.h"
#include "service/operations_api.h"
#include "service/senders.h"
#include "service/syslog_intake.h"
#include "service/waiting_room.h"

namespace weerbaar::server {
namespace {

// What is under way when the server is told to stop has so long.
constexpr std::chrono::seconds kGrace{20};
constexpr uint64_t kFilesBesideConnections = 256;
constexpr size_t kBytesAMebibyte = size_t{1} << 20U;

http::Limits limits_of(const ServeSettings& settings, service::JsonLog& log) {
  http::Limits limits;
  limits.connections_max = static_cast<size_t>(settings.connections);
  limits.connections_a_client_max = static_cast<size_t>(settings.connections_a_client);
  limits.requests_a_second = static_cast<double>(settings.requests_a_second);
  limits.requests_burst = 2 * limits.requests_a_second;
  limits.body_bytes_max = static_cast<size_t>(settings.body_mebibytes) * kBytesAMebibyte;
  limits.bodies_bytes_max = static_cast<size_t>(settings.bodies_mebibytes) * kBytesAMebibyte;
  const uint64_t files = os::allow_most_open_files();
  if (files < limits.connections_max + kFilesBesideConnections) {
    const uint64_t connections = files > 2 * kFilesBesideConnections ? files - kFilesBesideConnections : files / 2;
    log.warning("fewer connections than the settings say: this process may not open enough files",
                {{"connections", connections}, {"settings", uint64_t{limits.connections_max}}});
    limits.connections_max = connections;
  }
  return limits;
}

Result<http::ServerOptions> server_options(const DataDirectory& data, const ServeSettings& settings,
                                           service::JsonLog& log) {
  http::ServerOptions options;
  options.address = settings.listen.address;
  options.port = settings.listen.port;
  options.workers = static_cast<size_t>(settings.workers);
  options.limits = limits_of(settings, log);
  if (!settings.plain_http) {
    WEERBAAR_ASSIGN(options.tls, server_certificate(data, settings));
  }
  return options;
}

// What decisions are taken with.
struct Deciding {
  const decide::DecisionPoint& point;
  trail::KeyStore& keys;
  DecisionLoader& loader;
};

// What answers requests, all around one trail.
struct Service {
  Service(std::unique_ptr<trail::Trail> trail, DataDirectory& data, service::JsonLog& log, const Deciding& deciding)
      : writer(std::move(trail), [&data] { return data.open_trail(); }),
        intake(writer, data.files(), data.path()),
        intake_api(intake, metrics, log),
        decision_loader(deciding.loader),
        decision_api(deciding.point, writer, deciding.keys, metrics, log),
        syslog(intake, metrics, log),
        operations(writer, metrics) {
    intake_api.add_routes(router);
    decision_api.add_routes(router);
    operations.add_routes(router);
  }

  // What waited before waits again.
  Status open_waiting_room(const DataDirectory& data, const service::Senders& senders, size_t bytes_max) {
    service::WaitingOptions options;
    options.bytes_max = bytes_max;
    const auto deliver = [this](const std::string& source, ingest::Output& output) -> Status {
      WEERBAAR_ASSIGN(const service::Taken taken, intake.take(output, source));
      metrics.count_source(source, taken.accepted, taken.refused, os::now());
      return {};
    };
    WEERBAAR_ASSIGN(room, service::WaitingRoom::open(data.files(), data.path(), senders, deliver, options));
    intake.use_waiting_room(*room);
    operations.use_waiting_room(*room);
    return {};
  }
  // After the last request.
  Status finish() {
    const Status status = room->finish();
    WEERBAAR_TRY(writer.finish());
    return status;
  }

  service::Metrics metrics;
  service::EventWriter writer;
  service::NetworkIntake intake;
  service::IntakeApi intake_api;
  DecisionLoader& decision_loader;
  service::DecisionApi decision_api;
  service::SyslogIntake syslog;
  service::OperationsApi operations;
  http::Router router;
  std::unique_ptr<service::WaitingRoom> room;
};

// Facts are read, and kept in memory, where somebody may ask for decisions.
void use_applications(const ServeSettings& settings, Service& service) {
  service.decision_api.use_applications(std::make_shared<service::Applications>(settings.applications),
                                        settings.public_url);
  if (!settings.applications.empty()) service.decision_loader.start();
}

// Who may send and ask, and the certificate; the rest is as it was when the server started. What is wrong changes
// nothing.
Status reload(const ServeOptions& options, Service& service, http::Server& server, bool secure) {
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(const DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  const ServeSettings& settings = data.settings().serve;
  WEERBAAR_ASSIGN(auto senders, service::Senders::read(settings.sources, files, data.path()));
  if (secure) {
    WEERBAAR_ASSIGN(const http::TlsOptions tls, server_certificate(data, settings));
    WEERBAAR_TRY(server.use_tls(tls));
  }
  service.room->use_senders(*senders);
  service.syslog.use_senders(senders);
  service.intake_api.use_senders(std::move(senders));
  use_applications(settings, service);
  return {};
}

void serve_until_stopped(const ServeOptions& options, Service& service, http::Server& server, bool secure,
                         service::JsonLog& log) {
  os::tell_service_manager("READY=1");
  while (os::wait_for_request() == os::Request::kReload) {
    os::tell_service_manager("RELOADING=1");
    if (const Status status = reload(options, service, server, secure); status) {
      log.info("settings were read again");
    } else {
      log.error("settings were not read again, and are what they were",
                {{"why", std::string_view(status.error().text)}});
    }
    os::tell_service_manager("READY=1");
  }
  os::tell_service_manager("STOPPING=1");
  log.info("stopping");
  service.operations.begin_stopping();
  server.stop(kGrace);
}

void log_recovery(const trail::Recovery& recovery, service::JsonLog& log) {
  if (recovery.torn_bytes > 0) {
    log.warning("bytes of a batch that was never acknowledged were cut off", {{"bytes", recovery.torn_bytes}});
  }
  if (recovery.behind > 0) log.info("entries without a signature are signed now", {{"entries", recovery.behind}});
}

// Null when the settings ask for none.
Result<std::unique_ptr<http::FeedServer>> open_syslog(const ServeSettings& settings, const http::ServerOptions& server,
                                                      Service& service, service::JsonLog& log) {
  if (!settings.syslog_tls) return nullptr;
  http::FeedOptions options;
  options.address = settings.syslog_tls->address;
  options.port = settings.syslog_tls->port;
  options.connections_max = static_cast<size_t>(settings.syslog_connections);
  options.tls = server.tls;
  options.tls->client_certificate_required = true;
  WEERBAAR_ASSIGN(auto opened, http::FeedServer::open(options, service.syslog));
  log.info("listening for syslog",
           {{"address", std::string_view(options.address)}, {"port", uint64_t{opened->port()}}});
  return opened;
}

Status log_listening(const ServeSettings& settings, const http::Server& server, const http::ServerOptions& options,
                     service::JsonLog& log) {
  std::string print;
  if (options.tls) {
    WEERBAAR_ASSIGN(print, http::fingerprint(options.tls->certificate.certificate));
  }
  log.info("listening", {{"address", std::string_view(settings.listen.address)},
                         {"port", uint64_t{server.port()}},
                         {"tls", options.tls.has_value()},
                         {"certificate_sha256", std::string_view(print)},
                         {"sources", uint64_t{settings.sources.size()}},
                         {"applications", uint64_t{settings.applications.size()}}});
  return {};
}

}  // namespace

Result<int> run_serve(const ServeOptions& options, [[maybe_unused]] Console& console) {
  os::hold_requests();
  service::JsonLog log;
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  ServeSettings settings = data.settings().serve;
  if (!options.listen.empty()) {
    auto listen = parse_listen(options.listen);
    if (!listen) return fail_in("--listen", listen.error());
    settings.listen = *listen;
  }
  WEERBAAR_ASSIGN(auto senders, service::Senders::read(settings.sources, files, data.path()));
  WEERBAAR_ASSIGN(http::ServerOptions server_settings, server_options(data, settings, log));
  WEERBAAR_ASSIGN(std::unique_ptr<trail::Trail> trail, data.open_trail());
  log_recovery(trail->recovery(), log);
  decide::DecisionPoint point;
  WEERBAAR_ASSIGN(trail::KeyStore* const keys, data.keys());
  WEERBAAR_ASSIGN(const std::unique_ptr<DecisionLoader> loader, DecisionLoader::create(data, *trail, point, log));
  Service service(std::move(trail), data, log, {point, *keys, *loader});
  WEERBAAR_TRY(
      service.open_waiting_room(data, *senders, static_cast<size_t>(settings.waiting_mebibytes) * kBytesAMebibyte));
  service.syslog.use_senders(senders);
  service.intake_api.use_senders(std::move(senders));
  use_applications(settings, service);
  WEERBAAR_ASSIGN(DataDirectory reading, DataDirectory::open(files, options.directory, options.keys));
  reading.use_keys_of(data);
  WEERBAAR_ASSIGN(std::unique_ptr<PeopleService> people, PeopleService::open(reading, service.writer, log));
  people->add_routes(service.router);
  server_settings.observe = [&metrics = service.metrics](const http::Exchange& exchange) { metrics.count(exchange); };
  WEERBAAR_ASSIGN(const std::unique_ptr<http::Server> server, http::Server::open(server_settings, service.router));
  service.operations.use_statistics([&server = *server] { return server.statistics(); });
  WEERBAAR_TRY(log_listening(settings, *server, server_settings, log));
  WEERBAAR_ASSIGN(const std::unique_ptr<http::FeedServer> syslog, open_syslog(settings, server_settings, service, log));
  serve_until_stopped(options, service, *server, server_settings.tls.has_value(), log);
  people.reset();
  if (syslog != nullptr) {
    service.syslog.stop_waiting();
    syslog->stop();
  }
  WEERBAAR_TRY(service.finish());
  log.info("stopped", {{"entries", service.writer.totals().size}});
  return kExitYes;
}

}  // namespace weerbaar::server

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "base/time.h"
#include "http/certificate.h"
#include "http/server.h"
#include "os/file_system.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/decision_loader.h"
#include "server/log_service.h"
#include "server/people_service.h"
#include "server/restart_settings.h"
#include "server/server_certificate.h"
#include "server/syslog_listeners.h"
#include "server/trail_loan.h"
#include "service/decision_api.h"
#include "service/event_writer.h"
#include "service/intake_api.h"
#include "service/json_log.h"
#include "service/metrics.h"
#include "service/network_intake.h"
#include "service/operations_api.h"
#include "service/senders.h"
#include "service/source_api.h"
#include "service/source_watch.h"
#include "service/syslog_intake.h"
#include "service/trail_reader.h"
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
  // All connections are of the proxy.
  if (settings.forwarded_for) limits.connections_a_client_max = limits.connections_max;
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

// It is taken all the same: clients may not look.
void warn_of_validity(const http::TlsOptions& tls, service::JsonLog& log) {
  const int64_t now = floor_div(os::now().micros, kMicrosPerSecond);
  const Status valid = http::check_validity(tls.certificate.certificate, now);
  if (!valid) log.warning("the certificate is not valid now", {{"why", std::string_view(valid.error().text)}});
}

Result<http::ServerOptions> server_options(const DataDirectory& data, const ServeSettings& settings,
                                           service::JsonLog& log) {
  http::ServerOptions options;
  options.address = settings.listen.address;
  options.port = settings.listen.port;
  options.behind_proxy = settings.forwarded_for;
  options.workers = static_cast<size_t>(settings.workers);
  options.limits = limits_of(settings, log);
  if (!settings.plain_http) {
    WEERBAAR_ASSIGN(options.tls, server_certificate(data, settings));
    warn_of_validity(*options.tls, log);
  }
  return options;
}

// After a failure, and after another process had the trail, which may have made or destroyed keys.
Result<std::unique_ptr<trail::Trail>> open_again(DataDirectory& data) {
  WEERBAAR_ASSIGN(trail::KeyStore* const keys, data.keys());
  WEERBAAR_TRY(keys->refresh());
  return data.open_trail_alone();
}

service::WriterOptions writer_options(const ServeSettings& settings) {
  service::WriterOptions options;
  options.sign_every = settings.log.sign_every;
  return options;
}

// What answers requests, all around one trail.
struct Service {
  Service(std::unique_ptr<trail::Trail> trail, DataDirectory& data, service::JsonLog& log, trail::KeyStore& keys)
      : writer(
            std::move(trail), [&data] { return open_again(data); }, writer_options(data.settings().serve)),
        intake(writer, data.files(), data.path()),
        intake_api(intake, metrics, log),
        decision_api(decision_point, writer, keys, metrics, log),
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
  // What decisions are taken by, read in the trail by `reading`, which opens it beside the writer.
  Status open_decisions(DataDirectory& reading, service::JsonLog& log) {
    const auto read = [this, &reading](const std::function<Status(const trail::Trail&)>& work) {
      return service::TrailReader(writer, [&reading] { return reading.open_trail_to_read(); }).read(work);
    };
    WEERBAAR_ASSIGN(decision_loader, DecisionLoader::create(reading, read, decision_point, log));
    return {};
  }
  // Commands may have the trail for moments.
  Status open_lender(const DataDirectory& data, service::JsonLog& log) {
    // Policies, keys and facts may be others then.
    operations.add_metrics([this] { return decision_loader->metrics(); });
    writer.when_reopened([this] { decision_loader->look_at_policies(); });
    WEERBAAR_ASSIGN(lender, TrailLender::open(data.loan_socket(), writer, log));
    return {};
  }
  // What was known of the sources before is known again.
  Status open_watch(const DataDirectory& data, const service::Senders& senders, service::JsonLog& log) {
    WEERBAAR_ASSIGN(
        watch, service::SourceWatch::open(data.files(), data.path(), senders, service::record_notices_in(writer), log));
    intake.use_watch(*watch);
    operations.add_metrics([this] { return watch->metrics() + syslog.metrics(); });
    return {};
  }
  // After the last request.
  Status finish() {
    lender.reset();
    decision_loader->stop();
    Status status = room->finish();
    if (const Status watched = watch->finish(); status) status = watched;
    WEERBAAR_TRY(writer.finish());
    return status;
  }

  service::Metrics metrics;
  service::EventWriter writer;
  service::NetworkIntake intake;
  service::IntakeApi intake_api;
  decide::DecisionPoint decision_point;
  service::DecisionApi decision_api;
  service::SyslogIntake syslog;
  service::OperationsApi operations;
  http::Router router;
  std::unique_ptr<service::SourceWatch> watch;
  std::unique_ptr<service::WaitingRoom> room;  // what comes out of it is watched
  std::unique_ptr<DecisionLoader> decision_loader;
  std::unique_ptr<TrailLender> lender;
};

// Facts are read, and kept in memory, where somebody may ask for decisions.
void use_applications(const ServeSettings& settings, Service& service) {
  service.decision_api.use_applications(std::make_shared<service::Applications>(settings.applications),
                                        settings.public_url);
  if (!settings.applications.empty()) service.decision_loader->start();
}

// Who may send and ask, and the certificate; the rest is as it was when the server started, by `running`, and is named
// when it changed. What is wrong changes nothing.
Result<std::string> reload(const ServeOptions& options, const Settings& running, Service& service,
                           LogService& published, http::Server& server, service::JsonLog& log) {
  os::FileSystem& files = os::real_file_system();
  WEERBAAR_ASSIGN(const DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  const ServeSettings& settings = data.settings().serve;
  WEERBAAR_ASSIGN(auto senders, service::Senders::read(settings.sources, files, data.path()));
  if (!running.serve.plain_http) {
    WEERBAAR_ASSIGN(const http::TlsOptions tls, server_certificate(data, settings));
    WEERBAAR_TRY(server.use_tls(tls));
    warn_of_validity(tls, log);
  }
  service.room->use_senders(*senders);
  service.watch->use_senders(*senders);
  service.syslog.use_senders(senders);
  service.intake_api.use_senders(std::move(senders));
  use_applications(settings, service);
  published.use_settings(settings.log);
  return fmt::format("{}", fmt::join(changed_until_restart(running, data.settings()), ", "));
}

void serve_until_stopped(const ServeOptions& options, const Settings& running, Service& service, LogService& published,
                         http::Server& server, service::JsonLog& log) {
  os::tell_service_manager("READY=1");
  while (os::wait_for_request() == os::Request::kReload) {
    os::tell_service_manager("RELOADING=1");
    const auto changed = reload(options, running, service, published, server, log);
    if (!changed) {
      log.error("settings were not read again, and are what they were",
                {{"why", std::string_view(changed.error().text)}});
    } else if (changed->empty()) {
      log.info("settings were read again");
    } else {
      log.warning("settings were read again; some count from the next start only",
                  {{"settings", std::string_view(*changed)}});
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
  // Before anything is made beside them.
  WEERBAAR_ASSIGN(trail::KeyStore* const keys, data.keys());
  WEERBAAR_ASSIGN(http::ServerOptions server_settings, server_options(data, settings, log));
  WEERBAAR_ASSIGN(std::unique_ptr<trail::Trail> trail, data.open_trail_alone());
  log_recovery(trail->recovery(), log);
  WEERBAAR_ASSIGN(DataDirectory reading, DataDirectory::open(files, options.directory, options.keys));
  reading.use_keys_of(data);
  Service service(std::move(trail), data, log, *keys);
  WEERBAAR_TRY(service.open_watch(data, *senders, log));
  WEERBAAR_TRY(
      service.open_waiting_room(data, *senders, static_cast<size_t>(settings.waiting_mebibytes) * kBytesAMebibyte));
  WEERBAAR_TRY(service.open_decisions(reading, log));
  service.syslog.use_senders(senders);
  service.intake_api.use_senders(std::move(senders));
  use_applications(settings, service);
  WEERBAAR_ASSIGN(std::unique_ptr<PeopleService> people, PeopleService::open(reading, service.writer, log));
  people->add_routes(service.router);
  WEERBAAR_ASSIGN(std::unique_ptr<LogService> published, LogService::open(data, service.writer, log));
  published->add_routes(service.router);
  service.operations.add_metrics([&of = *published] { return of.metrics(); });
  service::SourceApi sources([&watch = *service.watch] { return watch.report(); }, people->record, people->guard);
  sources.add_routes(service.router);
  server_settings.observe = [&metrics = service.metrics](const http::Exchange& exchange) { metrics.count(exchange); };
  WEERBAAR_ASSIGN(const std::unique_ptr<SyslogListeners> syslog,
                  SyslogListeners::open(settings.syslog, server_settings.tls, service.syslog, log));
  service.operations.add_metrics([&syslog = *syslog] { return syslog.metrics(); });
  WEERBAAR_ASSIGN(const std::unique_ptr<http::Server> server, http::Server::open(server_settings, service.router));
  service.operations.use_statistics([&server = *server] { return server.statistics(); });
  WEERBAAR_TRY(log_listening(settings, *server, server_settings, log));
  WEERBAAR_TRY(service.open_lender(data, log));
  serve_until_stopped(options, data.settings(), service, *published, *server, log);
  people.reset();
  published.reset();
  service.syslog.stop_waiting();
  syslog->stop();
  WEERBAAR_TRY(service.finish());
  log.info("stopped", {{"entries", service.writer.totals().size}});
  return kExitYes;
}

}  // namespace weerbaar::server

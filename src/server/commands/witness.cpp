#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "http/server.h"
#include "os/process.h"
#include "server/commands.h"
#include "server/witness_directory.h"
#include "service/json_log.h"
#include "witness/witness_api.h"

namespace weerbaar::server {
namespace {

// What is under way when the witness is told to stop has so long.
constexpr std::chrono::seconds kGrace{10};

// What a log is told is the business of its operator; what it did wrong is that of the witness.
void log_answer(const witness::Answer& answer, service::JsonLog& log) {
  const service::JsonLog::Fields fields = {
      {"origin", std::string_view(answer.origin)}, {"entries", answer.size}, {"why", std::string_view(answer.why)}};
  switch (answer.outcome) {
    case witness::Outcome::kInconsistent:
      log.often("a log does not continue what was cosigned", fields);
      return;
    case witness::Outcome::kUnavailable:
      log.often("nothing can be cosigned", {{"why", std::string_view(answer.problem)}});
      return;
    case witness::Outcome::kNotSigned:
      log.often("a checkpoint was not signed by its log", {{"why", std::string_view(answer.why)}});
      return;
    default:
      return;
  }
}

Result<http::ServerOptions> network_of(const WitnessDirectory& directory) {
  const WitnessDirectorySettings& settings = directory.settings();
  http::ServerOptions options;
  options.address = settings.listen.address;
  options.port = settings.listen.port;
  options.workers = static_cast<size_t>(settings.workers);
  options.limits = witness::witness_limits(static_cast<double>(settings.requests_a_second));
  if (!settings.plain_http) {
    WEERBAAR_ASSIGN(options.tls, directory.certificate());
  }
  return options;
}

// The logs that it knows, and the certificate. What is wrong changes nothing.
Status reload(const std::string& path, witness::Witness& witness, http::Server& server, bool secure) {
  WEERBAAR_ASSIGN(const WitnessDirectory directory, WitnessDirectory::open(os::real_file_system(), path));
  if (secure) {
    WEERBAAR_ASSIGN(const http::TlsOptions tls, directory.certificate());
    WEERBAAR_TRY(server.use_tls(tls));
  }
  witness.use_logs(directory.settings().logs);
  return {};
}

void run_until_stopped(const std::string& path, witness::Witness& witness, http::Server& server, bool secure,
                       service::JsonLog& log) {
  os::tell_service_manager("READY=1");
  while (os::wait_for_request() == os::Request::kReload) {
    if (const Status status = reload(path, witness, server, secure); status) {
      log.info("settings were read again");
    } else {
      log.error("settings were not read again, and are what they were",
                {{"why", std::string_view(status.error().text)}});
    }
  }
  os::tell_service_manager("STOPPING=1");
  log.info("stopping");
  server.stop(kGrace);
}

}  // namespace

Result<int> run_witness_init(const WitnessInitOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const trail::VerifierKey key,
                  WitnessDirectory::create(os::real_file_system(), options.directory, options.name));
  if (console.json()) {
    const nlohmann::ordered_json json = {{"name", key.name}, {"verifier_key", key.format()}};
    console.result(json.dump());
    return kExitYes;
  }
  console.result(fmt::format("Made the witness {} in {}.", key.name, options.directory));
  console.result(fmt::format("Its verifier key, to publish: {}", key.format()));
  console.result(
      fmt::format("Its secret key is in {}/witness.key: never copy it, and never put an older copy of the "
                  "directory back.",
                  options.directory));
  console.result("For the weerbaar.toml of a log:\n\n[[serve.witness]]\nname = \"…\"\nurl = \"https://…\"\nkey = \"" +
                 key.format() + "\"");
  return kExitYes;
}

Result<int> run_witness(const WitnessOptions& options, [[maybe_unused]] Console& console) {
  os::hold_requests();
  service::JsonLog log;
  WEERBAAR_ASSIGN(const WitnessDirectory directory, WitnessDirectory::open(os::real_file_system(), options.directory));
  WEERBAAR_ASSIGN(http::ServerOptions network, network_of(directory));
  if (!options.listen.empty()) {
    auto listen = parse_listen(options.listen);
    if (!listen) return fail_in("--listen", listen.error());
    if (directory.settings().plain_http) WEERBAAR_TRY(check_plain_http(*listen, "--listen"));
    network.address = listen->address;
    network.port = listen->port;
  }
  WEERBAAR_ASSIGN(const std::unique_ptr<witness::Witness> witness, directory.open_witness());
  witness::WitnessApi api(*witness, [&log](const witness::Answer& answer) { log_answer(answer, log); });
  http::Router router;
  api.add_routes(router);
  WEERBAAR_ASSIGN(const std::unique_ptr<http::Server> server, http::Server::open(network, router));
  std::string print;
  if (network.tls) {
    WEERBAAR_ASSIGN(print, http::fingerprint(network.tls->certificate.certificate));
  }
  log.info("listening", {{"address", std::string_view(network.address)},
                         {"port", uint64_t{server->port()}},
                         {"tls", network.tls.has_value()},
                         {"certificate_sha256", std::string_view(print)},
                         {"logs", uint64_t{directory.settings().logs.size()}}});
  run_until_stopped(options.directory, *witness, *server, network.tls.has_value(), log);
  log.info("stopped");
  return kExitYes;
}

}  // namespace weerbaar::server

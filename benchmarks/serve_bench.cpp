// Intake over the network from end to end: senders on keep-alive connections on loopback, in this process, so that they
// take their part of the same cores; the server as `weerbaar serve` has it, with tokens; every answer means durable.
//
//   serve_bench [--events N] [--connections N] [--directory DIR] [--only TEXT]
//
// Prints one table; times are of this machine, at this moment, so compare within a run.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "http/certificate.h"
#include "http/server.h"
#include "http/testing.h"
#include "service/event_writer.h"
#include "service/intake_api.h"
#include "service/network_intake.h"
#include "service/senders.h"
#include "table.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"
#include "workload.h"

namespace weerbaar::benchmarks {
namespace {

constexpr std::string_view kOrigin = "bench.example.org/trail";
constexpr std::string_view kSource = "bench";

struct Options {
  uint64_t events = 2'000'000;
  size_t connections = 16;
  std::string directory = "/var/tmp";
  std::string only;  // rows whose name has it
};

struct Load {
  std::string_view what;
  uint64_t events_a_request;
  bool tls;
  uint64_t share;  // of the events, one in so many: small requests take longer
};

// Bodies of requests, made outside the clock.
std::vector<std::string> make_requests(uint64_t events, uint64_t events_a_request, const std::string& token) {
  WorkloadOptions options;
  options.events = events;
  Workload workload(options);
  std::vector<std::string> requests;
  for (;;) {
    EventBatch batch;
    workload.next(events_a_request, batch);
    if (batch.empty()) return requests;
    std::string body;
    for (AccessEvent& event : batch.events()) {
      event.source = kSource;
      append_json(body, event);
      body += '\n';
    }
    requests.push_back(
        fmt::format("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                    "Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n{}",
                    token, body.size(), body));
  }
}

// What `weerbaar serve` puts together.
class Running {
 public:
  Running(const std::string& place, const std::string& token, size_t connections, bool tls)
      : keys_(must(trail::KeyStore::create(os::real_file_system(), place + "/keys", kOrigin))) {
    options_.files = &os::real_file_system();
    options_.directory = place + "/trail";
    options_.keys = keys_.get();
    must(trail::Trail::create(options_));
    writer_ =
        std::make_unique<service::EventWriter>(must(trail::Trail::open(options_, trail::Access::kAppend)),
                                               [this] { return trail::Trail::open(options_, trail::Access::kAppend); });
    intake_ = std::make_unique<service::NetworkIntake>(*writer_, os::real_file_system(), place);
    api_ = std::make_unique<service::IntakeApi>(*intake_, metrics_, log_);
    api_->add_routes(router_);
    api_->use_senders(must(service::Senders::read({{std::string(kSource), service::token_hash(token), "", ""}},
                                                  os::real_file_system(), place)));
    http::ServerOptions server_options;
    server_options.limits.connections_a_client_max = connections;
    server_options.limits.requests_a_second = 0;
    server_options.observe = [this](const http::Exchange& exchange) { metrics_.count(exchange); };
    if (tls) {
      const std::string names[] = {"localhost"};
      server_options.tls.emplace();
      server_options.tls->certificate = must(http::make_self_signed(names));
      std::ofstream(place + "/tls.crt") << server_options.tls->certificate.certificate;
    }
    server_ = must(http::Server::open(server_options, router_));
  }

  [[nodiscard]] uint16_t port() const { return server_->port(); }
  // What was taken, and in how many syncs.
  service::EventWriter::Totals finish() {
    server_->stop(std::chrono::seconds(5));
    must(writer_->finish());
    return writer_->totals();
  }

 private:
  std::unique_ptr<trail::KeyStore> keys_;
  trail::TrailOptions options_;
  service::Metrics metrics_;
  service::JsonLog log_;
  std::unique_ptr<service::EventWriter> writer_;
  std::unique_ptr<service::NetworkIntake> intake_;
  std::unique_ptr<service::IntakeApi> api_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

// Sends one request after another until there are none; the time of each in milliseconds.
std::vector<double> send(const Running& running, const std::vector<std::string>& requests, std::atomic<size_t>& next,
                         const std::string& certificate) {
  std::vector<double> times;
  http::TestClient client(running.port());
  if (!certificate.empty()) WEERBAAR_CHECK(client.begin_tls(certificate));
  for (size_t i = next++; i < requests.size(); i = next++) {
    const auto start = Clock::now();
    const auto answer = client.ask(requests[i]);
    WEERBAAR_CHECK(answer.has_value() && answer->status == 200);
    times.push_back(seconds_since(start) * 1e3);
  }
  return times;
}

void bench(const Options& options, const Load& load) {
  const std::string place = options.directory + "/weerbaar-serve-bench";
  std::filesystem::remove_all(place);
  std::filesystem::create_directories(place);
  const std::string token = must(service::make_token());
  const uint64_t events = std::max(options.events / load.share, load.events_a_request);
  const std::vector<std::string> requests = make_requests(events, load.events_a_request, token);
  Running running(place, token, options.connections, load.tls);
  std::atomic<size_t> next = 0;
  std::vector<std::vector<double>> times(options.connections);
  const std::string certificate = load.tls ? place + "/tls.crt" : "";
  const double processor_before = processor_seconds();
  const auto start = Clock::now();
  std::vector<std::thread> senders;
  for (std::vector<double>& mine : times) {
    senders.emplace_back([&] { mine = send(running, requests, next, certificate); });
  }
  for (std::thread& sender : senders) sender.join();
  const double seconds = seconds_since(start);
  const double processor = processor_seconds() - processor_before;
  const service::EventWriter::Totals totals = running.finish();
  WEERBAAR_CHECK(totals.accepted == events);
  std::vector<double> all;
  for (const std::vector<double>& mine : times) all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  row(load.what, fmt::format("{:.1f} k events/s", static_cast<double>(events) / seconds / 1e3));
  row("  an answer after, p50 / p99",
      fmt::format("{:.2f} / {:.2f} ms", all[all.size() / 2], all[all.size() * 99 / 100]));
  row("  of all cores", fmt::format("{:.2f} us an event", processor * 1e6 / static_cast<double>(events)));
  row("  requests a second; events a sync",
      fmt::format("{:.0f}; {:.0f}", static_cast<double>(requests.size()) / seconds,
                  static_cast<double>(events) / static_cast<double>(totals.groups)));
  std::filesystem::remove_all(place);
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--events") options.events = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--connections") options.connections = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--directory") options.directory = argv[i + 1];
    if (name == "--only") options.only = argv[i + 1];
  }
  return options;
}

void run(const Options& options) {
  fmt::print("{} events, {} connections, {} cores\n", options.events, options.connections,
             std::thread::hardware_concurrency());
  static constexpr Load kLoads[] = {
      {"JSON Lines over HTTP, 1,000 events a request", 1'000, false, 1},
      {"JSON Lines over TLS, 1,000 events a request", 1'000, true, 1},
      {"JSON Lines over HTTP, 100 events a request", 100, false, 2},
      {"JSON Lines over HTTP, 10 events a request", 10, false, 10},
      {"JSON Lines over HTTP, 1 event a request", 1, false, 50},
  };
  for (const Load& load : kLoads) {
    if (load.what.find(options.only) != std::string_view::npos) bench(options, load);
  }
  row("memory at most", fmt::format("{} MiB", peak_memory_mib()));
}

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  weerbaar::benchmarks::run(weerbaar::benchmarks::read_options(argc, argv));
  return 0;
}

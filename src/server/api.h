// What the server answers: docs/operate/serve.md. Finds the route of a request, checks who sends it, and puts the
// outcome in the words of the protocol.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "http/server.h"
#include "ingest/sources/otlp/protobuf.h"
#include "server/event_writer.h"
#include "server/json_log.h"
#include "server/metrics.h"
#include "server/network_intake.h"
#include "server/senders.h"

namespace weerbaar::server {

class Api final : public http::Handler {
 public:
  // All must outlive it.
  Api(EventWriter& writer, NetworkIntake& intake, Metrics& metrics, JsonLog& log);

  // From the next request on.
  void use_senders(std::shared_ptr<const Senders> senders);
  // What /metrics tells of the network; before it is called: nothing.
  void use_statistics(std::function<http::Statistics()> statistics);
  // From now on /ready says no, so that whoever balances load sends nothing more.
  void begin_stopping() { stopping_ = true; }

  std::optional<http::Response> admit(const http::Request& head) override;
  http::Response handle(http::Request& request) override;

 private:
  struct Route;
  static const Route* find_route(std::string_view path);

  [[nodiscard]] std::shared_ptr<const Senders> senders() const;
  http::Response health(http::Request& request);
  http::Response ready(http::Request& request);
  http::Response metrics(http::Request& request);
  http::Response events(http::Request& request);
  http::Response traces(http::Request& request);
  http::Response logs(http::Request& request);
  http::Response take_otlp(http::Request& request, ingest::otlp::Request kind);
  http::Response failed(const http::Request& request, const Error& error, bool otlp);
  Result<Taken> take(http::Request& request, std::string_view format, const Sender& sender);

  EventWriter& writer_;
  NetworkIntake& intake_;
  Metrics& metrics_;
  JsonLog& log_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const Senders> senders_;
  std::function<http::Statistics()> statistics_;
};

}  // namespace weerbaar::server

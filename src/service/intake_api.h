// Intake over the network (docs/operate/serve.md): checks who sends, and puts the outcome in the words of the protocol.
#pragma once

#include <expected>
#include <memory>
#include <mutex>
#include <string>

#include "http/router.h"
#include "ingest/sources/otlp/protobuf.h"
#include "service/json_log.h"
#include "service/metrics.h"
#include "service/network_intake.h"
#include "service/senders.h"

namespace weerbaar::service {

// Thread-safe.
class IntakeApi {
 public:
  // All must outlive it.
  IntakeApi(NetworkIntake& intake, Metrics& metrics, JsonLog& log);

  // It must outlive the router.
  void add_routes(http::Router& router);
  // From the next request on.
  void use_senders(std::shared_ptr<const Senders> senders);

 private:
  [[nodiscard]] std::shared_ptr<const Senders> senders() const;
  std::expected<std::string, http::Response> sender_of(const http::Request& head, std::string_view route, bool otlp);
  http::Response events(http::Request& request);
  http::Response take_otlp(http::Request& request, ingest::otlp::Request kind);
  http::Response failed(const http::Request& request, const Error& error, bool otlp);
  void count(const Sender& sender, const Taken& taken);
  http::Response refuse_whole(const http::Request& request, const Taken& taken);

  NetworkIntake& intake_;
  Metrics& metrics_;
  JsonLog& log_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Senders> senders_;
};

}  // namespace weerbaar::service

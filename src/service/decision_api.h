// The OpenID AuthZEN Authorization API 1.0 over HTTP: evaluation, evaluations, and the metadata. docs/decisions.md.
#pragma once

#include <expected>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "decide/decision_record.h"
#include "decide/knowledge.h"
#include "decide/request.h"
#include "http/router.h"
#include "service/applications.h"
#include "service/event_writer.h"
#include "service/json_log.h"
#include "service/metrics.h"
#include "trail/privacy/key_store.h"

namespace weerbaar::service {

// Thread-safe.
class DecisionApi {
 public:
  // All must outlive it.
  DecisionApi(const decide::DecisionPoint& point, EventWriter& writer, trail::KeyStore& keys, Metrics& metrics,
              JsonLog& log);

  // It must outlive the router.
  void add_routes(http::Router& router);
  // From the next request on. `base_url`: how applications reach the server, "https://pdp.example.org"; empty: by the
  // host that they name.
  void use_applications(std::shared_ptr<const Applications> applications, std::string base_url);

 private:
  struct Answered {
    Result<decide::Question> question;
    decide::Decision decision;
  };

  [[nodiscard]] std::shared_ptr<const Applications> applications() const;
  std::expected<std::string, http::Response> sender_of(const http::Request& head, std::string_view route);
  http::Response answer(const http::Request& request, bool may_be_batch);
  http::Response evaluate(const http::Request& request, bool may_be_batch);
  http::Response decide_all(const http::Request& request, const Application& application, decide::Request& asked);
  Result<EntryIndex> record(const decide::Call& call, std::span<const Answered> answered,
                            const decide::Versions& versions);
  http::Response failed(const Error& error);
  [[nodiscard]] http::Response metadata(const http::Request& request) const;

  const decide::DecisionPoint& point_;
  EventWriter& writer_;
  trail::KeyStore& keys_;
  Metrics& metrics_;
  JsonLog& log_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Applications> applications_;
  std::string base_url_;
};

}  // namespace weerbaar::service

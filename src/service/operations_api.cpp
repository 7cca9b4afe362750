#include "service/operations_api.h"

#include <utility>

namespace weerbaar::service {
namespace {

http::Response text_response(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

}  // namespace

void OperationsApi::add_routes(http::Router& router) {
  router.add({"GET",
              "/health",
              "health",
              [](http::Request&, const http::PathArguments&) { return text_response(200, "ok\n"); },
              {}});
  router.add({"GET", "/ready", "ready", [this](http::Request&, const http::PathArguments&) { return ready(); }, {}});
  router.add(
      {"GET", "/metrics", "metrics", [this](http::Request&, const http::PathArguments&) { return metrics(); }, {}});
}

void OperationsApi::use_statistics(std::function<http::Statistics()> statistics) {
  const std::lock_guard lock(mutex_);
  statistics_ = std::move(statistics);
}

http::Response OperationsApi::ready() const {
  if (stopping_) return text_response(503, "stopping\n");
  // The error may name places on this machine, which are nobody's business here: the log has it.
  if (!writer_.state()) return text_response(503, "the trail takes no events: see the log\n");
  return text_response(200, "ready\n");
}

http::Response OperationsApi::metrics() const {
  std::function<http::Statistics()> statistics;
  {
    const std::lock_guard lock(mutex_);
    statistics = statistics_;
  }
  const bool is_ready = !stopping_ && writer_.state().has_value();
  const WaitingRoom::Totals waiting = room_ == nullptr ? WaitingRoom::Totals() : room_->totals();
  http::Response response = text_response(
      200, metrics_.text(statistics ? statistics() : http::Statistics(), writer_.totals(), waiting, is_ready));
  for (const auto& text : more_) response.body += text();
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace weerbaar::service

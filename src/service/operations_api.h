// For who operates the server: does it live, does it take events, what did it count.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/router.h"
#include "service/event_writer.h"
#include "service/metrics.h"

namespace weerbaar::service {

// Thread-safe.
class OperationsApi {
 public:
  // All must outlive it.
  OperationsApi(EventWriter& writer, Metrics& metrics) : writer_(writer), metrics_(metrics) {}

  // It must outlive the router.
  void add_routes(http::Router& router);
  // What /metrics tells of the network; before it is called: nothing.
  void use_statistics(std::function<http::Statistics()> statistics);
  // It must outlive the router. Before it is called: /metrics says that nothing waits.
  void use_waiting_room(const WaitingRoom& room) { room_ = &room; }
  // Text in the form of Prometheus that /metrics has behind its own. Before the server listens.
  void add_metrics(std::function<std::string()> text) { more_.push_back(std::move(text)); }
  // From now on /ready says no, so that whoever balances load sends nothing more.
  void begin_stopping() { stopping_ = true; }

 private:
  [[nodiscard]] http::Response ready() const;
  [[nodiscard]] http::Response metrics() const;

  EventWriter& writer_;
  Metrics& metrics_;
  const WaitingRoom* room_ = nullptr;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::function<http::Statistics()> statistics_;
  std::vector<std::function<std::string()>> more_;
};

}  // namespace weerbaar::service

// A witness over HTTP: POST /add-checkpoint, GET /<origin hash>/checkpoint, and what its operator asks.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "http/limits.h"
#include "http/router.h"
#include "witness/witness.h"

namespace weerbaar::witness {

// What bodies and clients of a witness take at most; a log asks it every few seconds.
http::Limits witness_limits(double requests_a_second);

// Thread-safe.
class WitnessApi {
 public:
  // `witness` must outlive it. `observe` is called with each answer before it is given; it may wait.
  WitnessApi(Witness& witness, std::function<void(const Answer&)> observe)
      : witness_(witness), observe_(std::move(observe)) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response add_checkpoint(const http::Request& request);
  [[nodiscard]] http::Response checkpoint(const std::string& origin_hash) const;
  [[nodiscard]] http::Response metrics() const;

  Witness& witness_;
  const std::function<void(const Answer&)> observe_;
  mutable std::mutex mutex_;
  std::map<int, uint64_t> by_status_;
};

}  // namespace weerbaar::witness

// A ClickHouse server of our own: in a directory of its own, on the loopback interface.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "support/server_process.h"

namespace weerbaar::benchmarks {

// Why no server can be started here; empty when one can.
std::string why_no_clickhouse();

class ClickhouseServer {
 public:
  // Starts it over `directory`/data, which is made when absent. It listens on `port()` for HTTP when it is up.
  // `memory_bytes`: most for a query, and for all; 0: no limit.
  Status start(const std::string& directory, uint64_t memory_bytes);
  Status check_running() { return process_.check_running(); }
  Status stop();

  [[nodiscard]] uint16_t port() const { return port_; }

 private:
  support::ServerProcess process_;
  uint16_t port_ = 0;
};

}  // namespace weerbaar::benchmarks

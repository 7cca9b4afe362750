// A PostgreSQL server of our own: in a directory of its own, reachable through a socket in it and by no network.
#pragma once

#include <string>

#include "base/result.h"
#include "support/server_process.h"

namespace weerbaar::support {

// Why no server can be started here; empty when one can.
std::string why_no_postgresql();

class PostgresqlServer {
 public:
  // Makes a cluster in `directory`/data, which must not exist. `cache_bytes` become its shared_buffers.
  static Status create(const std::string& directory, uint64_t cache_bytes);
  // Starts it; connect with `connection()`, and try again while it comes up.
  Status start(const std::string& directory);
  Status check_running() { return process_.check_running(); }
  // Fast shutdown: with a checkpoint.
  Status stop();

  // For libpq.
  [[nodiscard]] std::string connection() const { return connection_to("postgres"); }
  [[nodiscard]] std::string connection_to(const std::string& database) const;

 private:
  ServerProcess process_;
  std::string directory_;
};

// Makes a cluster, starts it, and returns when it takes connections.
Status start_postgresql(const std::string& directory, uint64_t cache_bytes, PostgresqlServer& server);

}  // namespace weerbaar::support

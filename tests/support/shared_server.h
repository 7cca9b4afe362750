// A PostgreSQL server for all tests of a program, started when the first one asks.
#pragma once

#include <string>

#include "os/testing.h"
#include "support/postgresql_server.h"

namespace weerbaar::support {

class SharedServer {
 public:
  static SharedServer& get();

  // The address of a fresh database, for sql::Database::open(). Empty when there is no server here: see why_not().
  std::string new_database();
  [[nodiscard]] const std::string& why_not() const { return why_not_; }

 private:
  SharedServer();

  os::TemporaryDirectory directory_;
  PostgresqlServer server_;
  std::string why_not_;
  int databases_ = 0;
};

}  // namespace weerbaar::support

#include "support/shared_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/database.h"

namespace weerbaar::support {

SharedServer& SharedServer::get() {
  static SharedServer server;
  return server;
}

// Where PostgreSQL is installed and does not start, that is a failure.
SharedServer::SharedServer() : why_not_(why_no_postgresql()) {
  if (!why_not_.empty()) return;
  constexpr uint64_t kCacheBytes = 16 << 20;
  if (const Status started = start_postgresql(directory_.path(), kCacheBytes, server_); !started) {
    why_not_ = started.error().text;
    ADD_FAILURE() << why_not_;
  }
}

std::string SharedServer::new_database() {
  if (!why_not_.empty()) return "";
  const auto maintenance = sql::Database::open("postgresql:" + server_.connection());
  EXPECT_TRUE(maintenance.has_value()) << (maintenance ? "" : maintenance.error().text);
  if (!maintenance) return "";
  const std::string name = fmt::format("test{}", ++databases_);
  EXPECT_TRUE((*maintenance)->change("CREATE DATABASE " + name).has_value());
  return "postgresql:" + server_.connection_to(name);
}

}  // namespace weerbaar::support

#include "support/postgresql_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

namespace weerbaar::support {
namespace {

constexpr std::string_view kPrograms = "/usr/lib/postgresql/15/bin";
// As Debian's package makes it: the server refuses to run as root.
constexpr std::string_view kUser = "postgres";
// A socket's path may have at most this many bytes, what PostgreSQL adds included.
constexpr size_t kSocketDirectoryBytesMax = 80;

// What an administrator of a machine for this work would set. Everything durable stays on: fsync, synchronous_commit,
// full_page_writes.
constexpr std::string_view kConfiguration = R"(
listen_addresses = ''
unix_socket_directories = '{directory}'
max_connections = 10
shared_buffers = {shared_mib}MB
effective_cache_size = {effective_mib}MB
maintenance_work_mem = {maintenance_mib}MB
work_mem = {work_mib}MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 15min
timezone = 'UTC'
synchronize_seqscans = off
)";

std::string user() {
  return geteuid() == 0 ? std::string(kUser) : std::string();
}

}  // namespace

std::string why_no_postgresql() {
  if (access((std::string(kPrograms) + "/postgres").c_str(), X_OK) == 0) return "";
  return "there is no server in " + std::string(kPrograms) + ": install postgresql-15";
}

Status PostgresqlServer::create(const std::string& directory, uint64_t cache_bytes) {
  if (directory.size() > kSocketDirectoryBytesMax) {
    return fail(Code::kInvalid,
                fmt::format("the path of {} is too long for a socket: give a shorter --directory", directory));
  }
  if (!user().empty()) WEERBAAR_TRY(give_to(directory, user()));
  WEERBAAR_TRY(run_program({{fmt::format("{}/initdb", kPrograms), "-D", directory + "/data", "-A", "trust", "-U",
                             std::string(kUser), "-E", "UTF8", "--locale=C", "--no-sync"},
                            directory + "/server.log",
                            user()}));
  const uint64_t mib = std::max<uint64_t>(cache_bytes >> 20U, 16);
  std::ofstream configuration(directory + "/data/postgresql.conf", std::ios::app);
  configuration << fmt::format(kConfiguration, fmt::arg("directory", directory), fmt::arg("shared_mib", mib),
                               fmt::arg("effective_mib", 2 * mib),
                               fmt::arg("maintenance_mib", std::max<uint64_t>(mib / 8, 8)),
                               fmt::arg("work_mib", std::max<uint64_t>(mib / 32, 4)));
  configuration.close();
  if (!configuration) return fail(Code::kIo, "cannot write postgresql.conf");
  return {};
}

Status PostgresqlServer::start(const std::string& directory) {
  directory_ = directory;
  WEERBAAR_ASSIGN(process_, ServerProcess::start({{fmt::format("{}/postgres", kPrograms), "-D", directory + "/data"},
                                                  directory + "/server.log",
                                                  user()}));
  return {};
}

std::string PostgresqlServer::connection_to(const std::string& database) const {
  return fmt::format("host={} user={} dbname={}", directory_, kUser, database);
}

Status PostgresqlServer::stop() {
  return process_.stop(SIGINT);
}

// The server writes this word there when it takes connections (PostgreSQL 15, miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
Status start_postgresql(const std::string& directory, uint64_t cache_bytes, PostgresqlServer& server) {
  constexpr auto kPatience = std::chrono::seconds(60);
  constexpr auto kPollInterval = std::chrono::milliseconds(20);
  WEERBAAR_TRY(PostgresqlServer::create(directory, cache_bytes));
  WEERBAAR_TRY(server.start(directory));
  for (const auto begin = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - begin < kPatience;) {
    WEERBAAR_TRY(server.check_running());
    std::ifstream state(directory + "/data/postmaster.pid");
    for (std::string line; std::getline(state, line);) {
      if (line.starts_with("ready")) return {};
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return fail(Code::kIo, "PostgreSQL does not come up");
}

}  // namespace weerbaar::support

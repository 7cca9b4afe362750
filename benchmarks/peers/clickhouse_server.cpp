#include "peers/clickhouse_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "peers/http_client.h"

namespace weerbaar::benchmarks {
namespace {

// Where Debian's package has it, and where ./dev bench unpacks it: the package itself would start a server for the
// whole machine.
constexpr std::string_view kPrograms[] = {"/usr/sbin/clickhouse-server",
                                          WEERBAAR_SOURCE_DIR "/build/peers/usr/sbin/clickhouse-server"};

constexpr std::string_view kConfiguration = R"(<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><log>{directory}/server.log</log><errorlog>{directory}/server.log</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{http}</http_port>
  <tcp_port>{tcp}</tcp_port>
  <keep_alive_timeout>600</keep_alive_timeout>
  <max_concurrent_queries>16</max_concurrent_queries>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <mark_cache_size>268435456</mark_cache_size>
  <path>{directory}/data/</path>
  <tmp_path>{directory}/tmp/</tmp_path>
  <user_files_path>{directory}/user_files/</user_files_path>
  <format_schema_path>{directory}/format_schemas/</format_schema_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>UTC</timezone>
  <compression><case>
    <min_part_size>0</min_part_size><min_part_size_ratio>0</min_part_size_ratio><method>zstd</method>
  </case></compression>
  <builtin_dictionaries_reload_interval>3600</builtin_dictionaries_reload_interval>
</yandex>
)";
constexpr std::string_view kUsers = R"(<?xml version="1.0"?>
<yandex>
  <profiles><default>
    <max_memory_usage>{memory}</max_memory_usage>
    <max_memory_usage_for_all_queries>{memory}</max_memory_usage_for_all_queries>
    <allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type>
  </default></profiles>
  <users><default>
    <password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
  </default></users>
  <quotas><default/></quotas>
</yandex>
)";

Status write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  return file ? Status() : fail(Code::kIo, "cannot write " + path);
}

std::string find_program() {
  for (const std::string_view program : kPrograms) {
    if (access(std::string(program).c_str(), X_OK) == 0) return std::string(program);
  }
  return "";
}

}  // namespace

std::string why_no_clickhouse() {
  if (!find_program().empty()) return "";
  return fmt::format("there is no {}: ./dev bench lays one down", kPrograms[1]);
}

Status ClickhouseServer::start(const std::string& directory, uint64_t memory_bytes) {
  WEERBAAR_ASSIGN(port_, find_free_port());
  WEERBAAR_ASSIGN(const uint16_t tcp, find_free_port());
  WEERBAAR_TRY(write(directory + "/config.xml", fmt::format(kConfiguration, fmt::arg("directory", directory),
                                                            fmt::arg("http", port_), fmt::arg("tcp", tcp))));
  WEERBAAR_TRY(write(directory + "/users.xml", fmt::format(kUsers, fmt::arg("memory", memory_bytes))));
  WEERBAAR_ASSIGN(process_,
                  support::ServerProcess::start(
                      {{find_program(), "--config-file=" + directory + "/config.xml"}, directory + "/server.log", ""}));
  return {};
}

Status ClickhouseServer::stop() {
  return process_.stop(SIGTERM);
}

}  // namespace weerbaar::benchmarks

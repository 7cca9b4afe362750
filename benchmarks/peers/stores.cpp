#include "peers/stores.h"

#include "peers/clickhouse_server.h"
#include "support/postgresql_server.h"

namespace weerbaar::benchmarks {
namespace {

// A store whose library was absent when this was built.
[[maybe_unused]] StoreKind unbuilt(std::string name, std::string title, const std::string& package) {
  return {std::move(name), std::move(title), nullptr, "not built, since " + package + " was absent"};
}

}  // namespace

std::vector<StoreKind> all_stores() {
  std::vector<StoreKind> stores;
  stores.push_back({"weerbaar", "Weerbaar", make_weerbaar, ""});
  const std::string why_no_postgresql = support::why_no_postgresql();
  stores.push_back({"postgresql", "PostgreSQL", make_postgresql, why_no_postgresql});
  stores.push_back({"postgresql-chained", "PostgreSQL chained", make_chained_postgresql, why_no_postgresql});
  stores.push_back({"sqlite", "SQLite", make_sqlite, ""});
#ifdef WEERBAAR_WITH_ROCKSDB
  stores.push_back({"rocksdb", "RocksDB", make_rocksdb, ""});
#else
  stores.push_back(unbuilt("rocksdb", "RocksDB", "librocksdb-dev"));
#endif
  stores.push_back({"clickhouse", "ClickHouse", make_clickhouse, why_no_clickhouse()});
  return stores;
}

}  // namespace weerbaar::benchmarks

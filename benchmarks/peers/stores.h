// The stores that are measured side by side, Weerbaar first.
//
// To add one: a file with its class and a make_ function, a line in stores.cpp, and in CMakeLists.txt the library that
// it needs. What is not built, or misses its server, is left out with the reason.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "peers/store.h"

namespace weerbaar::benchmarks {

struct StoreKind {
  std::string name;   // as in --only
  std::string title;  // above its column
  std::unique_ptr<Store> (*make)(StoreOptions options);
  std::string absent;  // why it cannot run here; empty when it can
};

std::vector<StoreKind> all_stores();

std::unique_ptr<Store> make_weerbaar(StoreOptions options);
std::unique_ptr<Store> make_sqlite(StoreOptions options);
std::unique_ptr<Store> make_rocksdb(StoreOptions options);
std::unique_ptr<Store> make_postgresql(StoreOptions options);
std::unique_ptr<Store> make_chained_postgresql(StoreOptions options);
std::unique_ptr<Store> make_clickhouse(StoreOptions options);

}  // namespace weerbaar::benchmarks

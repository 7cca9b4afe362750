// Measures one store: the same for each.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "base/result.h"
#include "peers/events.h"
#include "peers/figures.h"
#include "peers/rows.h"
#include "peers/store.h"

namespace weerbaar::benchmarks {

struct Plan {
  const Events* events = nullptr;
  const JsonLines* json = nullptr;
  const Questions* questions = nullptr;
  std::set<Row> rows;
  bool keep_page_cache = false;
  std::chrono::seconds patience{600};  // with scarce memory: afterwards it stops where it is

  [[nodiscard]] bool has(Row row) const { return rows.contains(row); }
};

// Whole batches, one at least; all when there are fewer.
uint64_t tenth_of(uint64_t events);

// All rows but those below. `place` is the directory of the store.
Result<Figures> measure_store(Store& store, const Plan& plan, const std::string& place);
// Row::kIngestJson.
Result<Figures> measure_json(Store& store, const Plan& plan);
// Row::kScarce: to be called under the limit.
Result<Figures> measure_scarce(Store& store, const Plan& plan);

}  // namespace weerbaar::benchmarks

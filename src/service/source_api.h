// What is known of the sources, for people: GET /api/v1/sources. docs/operate/serve.md.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <utility>
#include <vector>

#include "http/router.h"
#include "people/deed.h"
#include "service/guard.h"
#include "service/source_watch.h"

namespace weerbaar::service {

// {"source","heard","heartbeat_seconds","silent_since","silences","silent_seconds","missing","counters":[…]}; absent
// what does not apply. Of the ranges that are missing the first kRangesShown of each counter.
nlohmann::ordered_json to_json(const SourceReport& report);
inline constexpr size_t kRangesShown = 20;

// Thread-safe.
class SourceApi {
 public:
  using Reports = std::function<std::vector<SourceReport>()>;

  // `guard` must outlive it.
  SourceApi(Reports reports, people::Record record, Guard& guard)
      : reports_(std::move(reports)), record_(std::move(record)), guard_(guard) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response sources(const Visitor& visitor);

  const Reports reports_;
  const people::Record record_;
  Guard& guard_;
};

}  // namespace weerbaar::service

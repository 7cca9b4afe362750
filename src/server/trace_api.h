// Tracing a leak over the network: who consulted the persons whose data leaked, under pseudonyms. docs/trace.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.h"
#include "server/data_directory.h"
#include "server/leak_trace.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/long_work.h"
#include "service/trail_reader.h"

namespace weerbaar::server {

// Of one request; the command line takes longer lists.
inline constexpr size_t kLeakedOfRequestMax = 1'000;
inline constexpr size_t kRankedMax = 100;

struct TraceRequest {
  std::vector<trail::Whom> leaked;  // each once
  trail::TimeRange range;
  size_t top = 10;  // of the ranking that is shown
  std::string case_id;
  std::string reason;
};
// {"leaked": ["bsn:…", …], "before", "from"?, "top"?, "case", "reason"}. kInvalid names the member, and of persons the
// place in the list, without repeating them.
Result<TraceRequest> read_trace_request(std::string_view body);

// Thread-safe. A trace takes a turn of long work. It is on record, with the case, whom it was about and who asked,
// before it is answered.
class TraceApi {
 public:
  // All must outlive it.
  TraceApi(const DataDirectory& data, service::TrailReader& reader, people::Record record, service::Guard& guard,
           service::LongWork& long_work, service::JsonLog& log)
      : data_(data), reader_(reader), record_(std::move(record)), guard_(guard), long_work_(long_work), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response trace(const http::Request& request, const service::Visitor& visitor);
  Status record(const TraceRequest& asked, const LeakAnswer& answer, const trail::Trail& trail,
                const service::Visitor& visitor);

  const DataDirectory& data_;
  service::TrailReader& reader_;
  const people::Record record_;
  service::Guard& guard_;
  service::LongWork& long_work_;
  service::JsonLog& log_;
};

}  // namespace weerbaar::server

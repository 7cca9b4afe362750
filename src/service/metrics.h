// What the server counts, in the text form that Prometheus reads. No personal data: names of sources and routes are the
// only labels.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "http/server.h"
#include "service/event_writer.h"
#include "service/waiting_room.h"

namespace weerbaar::service {

// The route of all that a session is needed for. Who asks for what of these is nothing that anybody may read: a mandate
// that is asked would show.
inline constexpr std::string_view kPeopleRoute = "people";

struct SourceCounts {
  uint64_t accepted = 0;  // events taken, or taken before
  uint64_t refused = 0;
  Time last;  // when something was taken last; 1970 when never
};

// Thread-safe.
class Metrics {
 public:
  // Upper bounds of the buckets of times, in microseconds; a last one is without bound.
  static constexpr std::array<int64_t, 13> kBucketsMicros = {
      250, 500, 1'000, 2'000, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};

  // Of kPeopleRoute only refusals.
  void count(const http::Exchange& exchange);
  // `waiting`: halves that were taken and wait; a source that gives only those is not silent.
  void count_source(std::string_view source, uint64_t accepted, uint64_t refused, Time now, uint64_t waiting = 0);

  // `ground` decided it: a constant.
  void count_decision(bool permit, std::string_view ground);

  [[nodiscard]] std::map<std::string, SourceCounts, std::less<>> sources() const;
  // All of it.
  [[nodiscard]] std::string text(const http::Statistics& network, const EventWriter::Totals& writer,
                                 const WaitingRoom::Totals& waiting, bool ready) const;

 private:
  struct Route {
    std::map<int, uint64_t> by_status;
    std::array<uint64_t, kBucketsMicros.size() + 1> buckets{};
    uint64_t micros = 0;
    uint64_t request_bytes = 0;
    uint64_t response_bytes = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Route, std::less<>> routes_;
  std::map<std::string, SourceCounts, std::less<>> sources_;
  std::map<std::pair<bool, std::string_view>, uint64_t> decisions_;
};

}  // namespace weerbaar::service

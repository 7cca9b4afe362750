// Holds records back until their trace can be judged as a whole.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/source.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// How much is held back at most. Beyond it the traces that began first come out, joined with what is there.
struct HoldLimits {
  size_t records = 1'000'000;
  size_t bytes = 512 * 1024 * 1024;
};

// Log records without a span are told apart by content, and equal ones by count: over this many different ones at
// least.
inline constexpr size_t kLoneRecordsRemembered = 250'000;

// A child or an ancestor of a span, or its log record, may come at any time, so that everything is held until finish()
// or the limit. Traces come out in the order in which they began; a log record without a span counts as one.
class TraceJoin {
 public:
  // `mapping` must outlive it.
  explicit TraceJoin(const Mapping& mapping, HoldLimits limits = {}) : mapping_(mapping), limits_(limits) {}

  void add(Record&& record, Output& output);
  void finish(Output& output);

 private:
  // The records of one trace, or one record that belongs to no span and has an id of its own.
  struct Trace {
    std::vector<Record> records;
    std::string lone_id;
  };
  struct TraceIdHash {
    size_t operator()(const TraceId& id) const noexcept {
      return std::hash<std::string_view>{}(std::string_view(id.data(), id.size()));
    }
  };
  // Ordered by hash: equal content has no other order to be had.
  using Counts = std::map<ContentHash, uint64_t>;

  std::list<Trace>::iterator trace_of(const Record& record);
  std::string next_lone_id(const ContentHash& hash);
  void release_oldest(Output& output);

  const Mapping& mapping_;
  const HoldLimits limits_;
  std::list<Trace> traces_;
  std::unordered_map<TraceId, std::list<Trace>::iterator, TraceIdHash> by_id_;
  size_t records_ = 0;
  size_t bytes_ = 0;
  Counts counts_;
  Counts older_counts_;  // the generation before
};

}  // namespace weerbaar::ingest::otlp

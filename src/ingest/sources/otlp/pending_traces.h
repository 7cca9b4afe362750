// Traces of which more may come, in another request: halves of accesses wait here for their other halves.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ingest/source.h"
#include "ingest/sources/otlp/kept_record.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"
#include "ingest/sources/otlp/trace_events.h"

namespace weerbaar::ingest::otlp {

// Up to so many records a trace is joined each time that something comes; a larger one when it grew by an eighth, so
// that the work stays in proportion to what comes.
inline constexpr size_t kJoinedAtOnceMax = 256;
// A trace with more records is due at once.
inline constexpr size_t kTraceRecordsMax = 20'000;

// A record that waits, for whoever keeps it on disk.
struct WaitingRecord {
  TraceId trace{};
  ContentHash hash{};
  std::string json;
};

// What came out of a trace: to be said with told() or remove() once it is durable.
struct TraceEvents {
  TraceId trace{};
  uint64_t version = 0;            // of the trace; with what comes for it later it is another
  std::vector<std::string> names;  // of the events
  bool all = false;                // the trace gives nothing else
  size_t wholes = 0;               // events with both halves
  size_t left = 0;                 // halves, taken as far as they go, and refusals
};

// The traces of one source. A trace waits from its first half on, with all that comes for it, until remove(); what it
// gave is remembered by name and comes out once. It bounds no memory itself: call oldest() when bytes() or records()
// are too many. Not thread-safe. The rules: docs/formats/ldv.md.
class PendingTraces {
 public:
  explicit PendingTraces(Mapping mapping) : mapping_(std::move(mapping)) {}

  struct Added {
    std::vector<WaitingRecord> waiting;  // to be made durable before they are acknowledged
    std::vector<TraceEvents> made;
  };
  // Takes the records of one request. Appends to `output` what is settled: accesses of which one span has both halves,
  // log records without a span, and all of a trace of which nothing waits. A trace that began before `begun_before`,
  // and to which this adds something, is due at once.
  Added add(std::vector<KeptRecord> records, Time now, Time begun_before, Output& output);
  // For a start: a record that waited waits again, as of when it came; a trace is forgotten (its id in hexadecimal). At
  // the end of it: restored().
  void restore(KeptRecord record, Time came);
  void forget(std::string_view trace);
  void restored();

  // They are durable; those that went meanwhile are passed over.
  void stored(std::span<const WaitingRecord> waiting);
  // The events are durable: they need not come out again.
  void told(const TraceEvents& made);

  // Appends to `output` what is left of the traces for which nothing came after `quiet_since`, as if no more would
  // come: halves are refused, or taken as far as they go. They stay until remove(). No more traces than give about
  // `events_max` in all.
  std::vector<TraceEvents> due(Time quiet_since, size_t events_max, Output& output) const;
  // The same of the traces that are missed least, which take so much together: those that have given all, then those
  // for which nothing came longest.
  struct Room {
    size_t bytes = 0;
    size_t records = 0;
  };
  std::vector<TraceEvents> oldest(const Room& wanted, size_t events_max, Output& output) const;
  // False when something came for the trace since: then it stays.
  bool remove(const TraceEvents& made);

  // Reads what waits with another mapping.
  void use_mapping(Mapping mapping);

  // Calls `use(json, came)` for every record, so that restore() gives the same again.
  template <class Use>
  void for_each(Use use) const {
    for (const Traces* const traces : {&settled_, &open_}) {
      for (const Trace& trace : *traces) {
        for (const Kept& kept : trace.kept) use(std::string_view(kept.json), kept.came);
      }
    }
  }

  [[nodiscard]] size_t traces() const { return by_id_.size(); }
  // Of which something has not come out.
  [[nodiscard]] size_t open_traces() const { return open_.size(); }
  [[nodiscard]] size_t records() const { return records_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }  // of memory, about
  [[nodiscard]] size_t json_bytes() const { return json_bytes_; }
  [[nodiscard]] const Mapping& mapping() const { return mapping_; }

 private:
  struct Kept {
    std::string json;  // empty until write_down()
    Time came;
    bool is_stored = false;
    std::shared_ptr<const RecordTexts> texts;  // until then
    size_t number = 0;
  };
  struct Trace {
    TraceId id{};
    std::vector<Record> records;
    std::vector<Kept> kept;                 // one for each of the records
    std::map<ContentHash, size_t> by_hash;  // where in these
    Told told;
    Time first;
    Time last;  // when something new came; long ago when it is due
    uint64_t version = 0;
    size_t bytes = 0;
    size_t json_bytes = 0;
    size_t joined_records = 0;  // how many there were when it was joined last
    bool is_open = true;        // it did not give all
  };
  using Traces = std::list<Trace>;
  struct TraceIdHash {
    size_t operator()(const TraceId& id) const noexcept {
      return std::hash<std::string_view>{}(std::string_view(id.data(), id.size()));
    }
  };

  static Kept* keep(Trace& trace, KeptRecord record, Time came);
  static void write_down(Trace& trace);
  void add_to_trace(std::vector<KeptRecord> records, Time now, Time begun_before, Output& output, Added& added);
  TraceEvents make(const Trace& trace, Left left, Output& output) const;
  Traces::iterator insert(Trace trace);
  void count(const Trace& trace, bool is_there);
  void move_to_end(Traces::iterator trace, bool is_open);

  Mapping mapping_;
  // Each in the order in which something came last.
  Traces open_;
  Traces settled_;
  std::unordered_map<TraceId, Traces::iterator, TraceIdHash> by_id_;
  uint64_t versions_ = 0;
  size_t records_ = 0;
  size_t bytes_ = 0;
  size_t json_bytes_ = 0;
};

}  // namespace weerbaar::ingest::otlp

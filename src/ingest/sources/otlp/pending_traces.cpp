#include "ingest/sources/otlp/pending_traces.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "ingest/sources/otlp/decode.h"
#include "ingest/sources/otlp/trace_join.h"

namespace weerbaar::ingest::otlp {
namespace {

// Places in lists and maps, about.
constexpr size_t kRecordOverhead = 200;
constexpr size_t kTraceOverhead = 600;

constexpr Time kLongAgo{kMicrosMin, 0};

bool is_half(const AccessEvent& event) {
  return event.id.ends_with("-noactor") || event.id.ends_with("-noline");
}

}  // namespace

PendingTraces::Added PendingTraces::add(std::vector<KeptRecord> records, Time now, Time begun_before, Output& output) {
  Added added;
  std::vector<TraceId> order;
  std::unordered_map<TraceId, std::vector<KeptRecord>, TraceIdHash> by_trace;
  TraceJoin lone(mapping_);
  for (KeptRecord& record : records) {
    const RecordHead& head = record.record.head();
    if (!head.span_id) {
      lone.add(std::move(record.record), output);
      continue;
    }
    const auto [place, is_new] = by_trace.try_emplace(*head.trace_id);
    if (is_new) order.push_back(*head.trace_id);
    place->second.push_back(std::move(record));
  }
  lone.finish(output);
  for (const TraceId& id : order) add_to_trace(std::move(by_trace[id]), now, begun_before, output, added);
  return added;
}

void PendingTraces::add_to_trace(std::vector<KeptRecord> records, Time now, Time begun_before, Output& output,
                                 Added& added) {
  const TraceId id = *records.front().record.head().trace_id;
  const auto known = by_id_.find(id);
  Trace fresh;
  fresh.id = id;
  fresh.first = now;
  Trace& trace = known == by_id_.end() ? fresh : *known->second;
  if (&trace != &fresh) count(trace, false);
  std::vector<ContentHash> hashes;
  bool has_grown = false;
  for (KeptRecord& record : records) {
    hashes.push_back(record.record.hash());
    has_grown = keep(trace, std::move(record), now) != nullptr || has_grown;
  }
  if (has_grown) {
    const bool is_due = trace.records.size() > kTraceRecordsMax || trace.first < begun_before;
    trace.last = is_due ? kLongAgo : now;
    trace.version = ++versions_;
  }
  if (&trace != &fresh) {
    write_down(trace);
    count(trace, true);
  }
  TraceEvents made;
  const size_t size = trace.records.size();
  if (size <= kJoinedAtOnceMax || size >= trace.joined_records + trace.joined_records / 8) {
    trace.joined_records = size;
    made = make(trace, Left::kUnsettled, output);
  }
  // Nothing of it waits, and nothing needs to be remembered.
  if (&trace == &fresh && made.all) return;
  if (&trace == &fresh) write_down(fresh);
  const auto place = &trace == &fresh ? insert(std::move(fresh)) : known->second;
  if (has_grown) move_to_end(place, true);
  for (const ContentHash& hash : hashes) {
    const Kept& kept = place->kept[place->by_hash.at(hash)];
    if (!kept.is_stored) added.waiting.push_back({id, hash, kept.json});
  }
  if (made.version != 0) added.made.push_back(std::move(made));
}

void PendingTraces::restore(KeptRecord record, Time came) {
  if (!record.record.head().span_id) return;
  const TraceId id = *record.record.head().trace_id;
  auto known = by_id_.find(id);
  if (known == by_id_.end()) {
    Trace fresh;
    fresh.id = id;
    fresh.first = came;
    fresh.last = came;
    insert(std::move(fresh));
    known = by_id_.find(id);
  }
  Trace& trace = *known->second;
  count(trace, false);
  if (Kept* const kept = keep(trace, std::move(record), came)) kept->is_stored = true;
  write_down(trace);
  trace.last = std::max(trace.last, came);
  trace.version = ++versions_;
  count(trace, true);
}

void PendingTraces::forget(std::string_view trace) {
  TraceId id{};
  const auto bytes = from_hex(trace);
  if (!bytes || bytes->size() != id.size()) return;
  std::ranges::copy(*bytes, id.begin());
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) remove({id, found->second->version, {}});
}

void PendingTraces::restored() {
  open_.sort([](const Trace& a, const Trace& b) { return a.last < b.last; });
}

// Null when the trace has the record already.
PendingTraces::Kept* PendingTraces::keep(Trace& trace, KeptRecord record, Time came) {
  if (!trace.by_hash.emplace(record.record.hash(), trace.records.size()).second) return nullptr;
  trace.bytes += record.record.bytes() + kRecordOverhead;
  trace.records.push_back(std::move(record.record));
  trace.kept.push_back({"", came, false, std::move(record.texts), record.number});
  return &trace.kept.back();
}

// The texts of what stays; what they were read from need not stay for them.
void PendingTraces::write_down(Trace& trace) {
  for (Kept& kept : trace.kept) {
    if (kept.texts == nullptr) continue;
    kept.json = kept.texts->text(kept.number);
    kept.texts.reset();
    trace.bytes += kept.json.size();
    trace.json_bytes += kept.json.size();
  }
}

void PendingTraces::stored(std::span<const WaitingRecord> waiting) {
  for (const WaitingRecord& record : waiting) {
    const auto trace = by_id_.find(record.trace);
    if (trace == by_id_.end()) continue;
    const auto place = trace->second->by_hash.find(record.hash);
    if (place != trace->second->by_hash.end()) trace->second->kept[place->second].is_stored = true;
  }
}

void PendingTraces::told(const TraceEvents& made) {
  const auto found = by_id_.find(made.trace);
  if (found == by_id_.end()) return;
  Trace& trace = *found->second;
  count(trace, false);
  for (const std::string& name : made.names) {
    if (trace.told.insert(name).second) trace.bytes += name.size() + kRecordOverhead / 2;
  }
  count(trace, true);
  // One that is due stays where it is found at once.
  if (made.all && trace.version == made.version && trace.last != kLongAgo) move_to_end(found->second, false);
}

std::vector<TraceEvents> PendingTraces::due(Time quiet_since, size_t events_max, Output& output) const {
  std::vector<TraceEvents> all;
  for (const Traces* const traces : {&settled_, &open_}) {
    for (const Trace& trace : *traces) {
      if (trace.last > quiet_since) break;
      if (all.size() + output.events.size() + output.refusals.size() >= events_max) return all;
      all.push_back(make(trace, Left::kNothing, output));
    }
  }
  return all;
}

std::vector<TraceEvents> PendingTraces::oldest(const Room& wanted, size_t events_max, Output& output) const {
  std::vector<TraceEvents> all;
  Room freed;
  for (const Traces* const traces : {&settled_, &open_}) {
    for (const Trace& trace : *traces) {
      const bool is_enough = freed.bytes >= wanted.bytes && freed.records >= wanted.records;
      if (!all.empty() && (is_enough || output.events.size() + output.refusals.size() >= events_max)) return all;
      freed.bytes += trace.bytes;
      freed.records += trace.records.size();
      all.push_back(make(trace, Left::kNothing, output));
    }
  }
  return all;
}

bool PendingTraces::remove(const TraceEvents& made) {
  const auto found = by_id_.find(made.trace);
  if (found == by_id_.end() || found->second->version != made.version) return false;
  const auto trace = found->second;
  count(*trace, false);
  by_id_.erase(found);
  (trace->is_open ? open_ : settled_).erase(trace);
  return true;
}

void PendingTraces::use_mapping(Mapping mapping) {
  mapping_ = std::move(mapping);
  Decoder decoder(mapping_);
  for (Traces* const traces : {&settled_, &open_}) {
    for (Trace& trace : *traces) {
      trace.by_hash.clear();
      for (size_t i = 0; i < trace.records.size(); ++i) {
        std::vector<Record> again;
        Output ignored;
        decoder.decode(trace.kept[i].json, 0, again, ignored);
        // One that this mapping does not read stays what it was.
        if (again.size() == 1) trace.records[i] = std::move(again.front());
        trace.by_hash.emplace(trace.records[i].hash(), i);
      }
      trace.version = ++versions_;
    }
  }
}

TraceEvents PendingTraces::make(const Trace& trace, Left left, Output& output) const {
  const size_t events = output.events.size();
  const size_t refusals = output.refusals.size();
  Made made = make_events_but(trace.told, left, trace.records, mapping_, output);
  const auto come = std::span(std::as_const(output.events).events()).subspan(events);
  const auto halves = static_cast<size_t>(std::ranges::count_if(come, is_half));
  return {trace.id, trace.version,        std::move(made.names),
          made.all, come.size() - halves, output.refusals.size() - refusals + halves};
}

PendingTraces::Traces::iterator PendingTraces::insert(Trace trace) {
  trace.bytes += kTraceOverhead;
  count(trace, true);
  const auto place = open_.insert(open_.end(), std::move(trace));
  by_id_.emplace(place->id, place);
  return place;
}

void PendingTraces::count(const Trace& trace, bool is_there) {
  records_ += is_there ? trace.records.size() : -trace.records.size();
  bytes_ += is_there ? trace.bytes : -trace.bytes;
  json_bytes_ += is_there ? trace.json_bytes : -trace.json_bytes;
}

// To where it belongs by the time at which something came last; now, or long ago.
void PendingTraces::move_to_end(Traces::iterator trace, bool is_open) {
  Traces& from = trace->is_open ? open_ : settled_;
  Traces& to = is_open ? open_ : settled_;
  trace->is_open = is_open;
  auto before = to.end();
  if (trace->last == kLongAgo) {
    before = to.begin();
  } else {
    while (before != to.begin() && std::prev(before)->last > trace->last) --before;
  }
  to.splice(before, from, trace);
}

}  // namespace weerbaar::ingest::otlp

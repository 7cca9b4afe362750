#include "ingest/sources/otlp/trace_join.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "base/bytes.h"
#include "ingest/sources/otlp/trace_events.h"

namespace weerbaar::ingest::otlp {
namespace {

// 128 bits of the hash tell records apart.
constexpr size_t kIdHashBytes = 16;

}  // namespace

void TraceJoin::add(Record&& record, Output& output) {
  const auto trace = trace_of(record);
  ++records_;
  bytes_ += record.bytes();
  trace->records.push_back(std::move(record));
  while (records_ > limits_.records || bytes_ > limits_.bytes) release_oldest(output);
}

void TraceJoin::finish(Output& output) {
  while (!traces_.empty()) release_oldest(output);
}

std::list<TraceJoin::Trace>::iterator TraceJoin::trace_of(const Record& record) {
  if (!record.head().span_id) return traces_.insert(traces_.end(), Trace{{}, next_lone_id(record.hash())});
  const auto [place, is_new] = by_id_.try_emplace(*record.head().trace_id);
  if (is_new) place->second = traces_.insert(traces_.end(), Trace{});
  return place->second;
}

void TraceJoin::release_oldest(Output& output) {
  const Trace& trace = traces_.front();
  const Record& first = trace.records.front();
  if (trace.lone_id.empty()) {
    make_trace_events(trace.records, mapping_, output);
    by_id_.erase(*first.head().trace_id);
  } else {
    make_lone_event(first, trace.lone_id, mapping_, output);
  }
  records_ -= trace.records.size();
  for (const Record& record : trace.records) bytes_ -= record.bytes();
  traces_.pop_front();
}

std::string TraceJoin::next_lone_id(const ContentHash& hash) {
  const auto [place, is_new] = counts_.try_emplace(hash, 0);
  if (is_new) {
    const auto older = older_counts_.find(hash);
    if (older != older_counts_.end()) place->second = older->second;
  }
  const uint64_t occurrence = ++place->second;
  if (counts_.size() >= kLoneRecordsRemembered) older_counts_ = std::exchange(counts_, {});
  return fmt::format("log-{}-{}", to_hex(std::span(hash).first<kIdHashBytes>()), occurrence);
}

}  // namespace weerbaar::ingest::otlp

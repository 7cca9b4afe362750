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
  if (!record.head().span_id) {
    add_lone(record, output);
    return;
  }
  const TraceId id = *record.head().trace_id;
  auto [place, is_new] = by_id_.try_emplace(id);
  if (is_new) place->second = traces_.insert(traces_.end(), Trace{id, {}});
  ++records_;
  bytes_ += record.bytes();
  place->second->records.push_back(std::move(record));
  while (records_ > limits_.records || bytes_ > limits_.bytes) release_oldest(output);
}

void TraceJoin::finish(Output& output) {
  while (!traces_.empty()) release_oldest(output);
}

void TraceJoin::release_oldest(Output& output) {
  const Trace& trace = traces_.front();
  make_trace_events(trace.records, mapping_, output);
  records_ -= trace.records.size();
  for (const Record& record : trace.records) bytes_ -= record.bytes();
  by_id_.erase(trace.id);
  traces_.pop_front();
}

void TraceJoin::add_lone(const Record& record, Output& output) {
  auto [place, is_new] = counts_.try_emplace(record.hash(), 0);
  if (is_new) {
    const auto older = older_counts_.find(record.hash());
    if (older != older_counts_.end()) place->second = older->second;
  }
  const uint64_t occurrence = ++place->second;
  const auto hash = std::span(record.hash()).first<kIdHashBytes>();
  make_lone_event(record, fmt::format("log-{}-{}", to_hex(hash), occurrence), mapping_, output);
  if (counts_.size() < kLoneRecordsRemembered) return;
  older_counts_ = std::exchange(counts_, {});
}

}  // namespace weerbaar::ingest::otlp

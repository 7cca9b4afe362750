// From the records of one trace to access events: who (the audit log) is joined with whose data (LDV) on the span.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/source.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// Appends the events of `records`, which all have a span id and the same trace id, in the order of their spans. The
// events do not depend on the order of the records. The rules: docs/formats/ldv.md.
void make_trace_events(std::span<const Record> records, const Mapping& mapping, Output& output);

// Accesses of one trace that came out before, by the names that they go by: their id, and the id that they would have
// if their span held several.
using Told = std::set<std::string, std::less<>>;

// What make_events_but() made: the names of the events that it appended.
struct Made {
  std::vector<std::string> names;
  bool all = true;  // nothing was left back
};

enum class Left : uint8_t {
  kNothing,    // no more records will come: as make_trace_events
  kUnsettled,  // more may come: only an access comes out of which one span has both halves. What is half, has its user
               // from a span above, of which one nearer may yet come, or would be refused, is left back without a word.
};

// As make_trace_events, without what was told before.
Made make_events_but(const Told& told, Left left, std::span<const Record> records, const Mapping& mapping,
                     Output& output);

// Appends the event of a log record that belongs to no span.
void make_lone_event(const Record& record, std::string_view id, const Mapping& mapping, Output& output);

}  // namespace weerbaar::ingest::otlp

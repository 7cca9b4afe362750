// From the records of one trace to access events: who (the audit log) is joined with whose data (LDV) on the span.
#pragma once

#include <span>
#include <string_view>

#include "ingest/source.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// Appends the events of `records`, which all have a span id and the same trace id, in the order of their spans. The
// events do not depend on the order of the records. The rules: docs/formats/ldv.md.
void make_trace_events(std::span<const Record> records, const Mapping& mapping, Output& output);

// Appends the event of a log record that belongs to no span.
void make_lone_event(const Record& record, std::string_view id, const Mapping& mapping, Output& output);

}  // namespace weerbaar::ingest::otlp

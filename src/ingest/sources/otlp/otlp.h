// OTLP JSON and Logboek Dataverwerkingen (LDV) files: spans tell whose data was processed, log records tell by whom.
#pragma once

#include <memory>

#include "ingest/source.h"

namespace weerbaar::ingest {

// Takes requests of OTLP (traces and logs) as the OpenTelemetry Collector writes them to files, LDV lines, and answers
// of the LDV reading extension; one JSON document, an array, or JSON Lines. Most events come out at finish(): the
// halves of an access may be far apart. A mapping is optional. Formats, rules and limits: docs/formats/ldv.md.
Result<std::unique_ptr<Source>> create_otlp(const SourceOptions& options);

}  // namespace weerbaar::ingest

// Syslog: RFC 5424 with structured data, RFC 3164, and content as CEF, JSON or key=value, framed by a count of octets
// or by line ends. A mapping file says which messages tell of an access: docs/formats/syslog.md.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "ingest/source.h"

namespace weerbaar::ingest {

// kInvalid when the mapping is missing or wrong.
Result<std::unique_ptr<Source>> create_syslog(const SourceOptions& options);

namespace syslog {

// The same, with a clock of the caller's for times that lack their year.
Result<std::unique_ptr<Source>> create_with_clock(const SourceOptions& options, std::function<Time()> now);

}  // namespace syslog
}  // namespace weerbaar::ingest

#include "ingest/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "ingest/sources/delimited/delimited.h"
#include "ingest/sources/jsonl/jsonl.h"
#include "ingest/sources/otlp/otlp.h"
#include "ingest/sources/pgaudit/pgaudit.h"
#include "ingest/sources/syslog/syslog.h"

namespace weerbaar::ingest {
namespace {

constexpr SourceFormat kSourceFormats[] = {
    {"jsonl", "access events as JSON Lines, in the form of docs/formats/access-event.md", false, create_jsonl},
    {"csv", "records of fields with a separator between them, one event a record", true, create_csv},
    {"fixed", "records of columns of fixed width, also in EBCDIC, one event a record", true, create_fixed},
    {"pgaudit", "the csvlog of PostgreSQL with pgaudit in it", false, create_pgaudit},
    {"otlp", "OpenTelemetry traces and logs as OTLP JSON, and Logboek Dataverwerkingen (LDV) records", false,
     create_otlp},
    {"ldv", "the same as otlp", false, create_otlp},
    {"syslog", "syslog of RFC 5424 or RFC 3164, with CEF, JSON or key=value in it", true, create_syslog},
};

}  // namespace

std::span<const SourceFormat> source_formats() {
  return kSourceFormats;
}

Result<std::unique_ptr<Source>> make_source(std::string_view format, const SourceOptions& options) {
  const auto* found = std::ranges::find(kSourceFormats, format, &SourceFormat::name);
  if (found == std::end(kSourceFormats)) {
    std::vector<std::string_view> names;
    for (const SourceFormat& known : kSourceFormats) names.push_back(known.name);
    return fail(Code::kInvalid,
                fmt::format("there is no source format of that name: choose one of {}", fmt::join(names, ", ")));
  }
  if (found->mapping_required && options.mapping.empty() && options.mapping_name.empty()) {
    return fail(Code::kInvalid, fmt::format("format {} needs a mapping file: give one with --mapping", found->name));
  }
  return found->create(options);
}

}  // namespace weerbaar::ingest

// A record with its own JSON, from which it can be made again: what is kept of a request while more may come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/source.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

struct KeptRecord {
  Record record;
  std::string json;  // an OTLP request that holds this record alone, or an LDV line
};

// The records of a whole input, in any form that the source takes. What is wrong is refused to `output`.
std::vector<KeptRecord> read_kept_records(std::string_view input, const Mapping& mapping, Output& output);

}  // namespace weerbaar::ingest::otlp

// A record with its own JSON, from which it can be made again: what is kept of a request while more may come.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/source.h"
#include "ingest/sources/otlp/decode.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

struct KeptRecord {
  Record record;
  std::shared_ptr<const RecordTexts> texts;  // of all records that came in the same object
  size_t number = 0;                         // of this one

  // An OTLP request that holds this record alone, or an LDV line. Made anew each time.
  [[nodiscard]] std::string json() const { return texts->text(number); }
};

// The records of a whole input, in any form that the source takes. What is wrong is refused to `output`.
std::vector<KeptRecord> read_kept_records(std::string_view input, const Mapping& mapping, Output& output);

}  // namespace weerbaar::ingest::otlp

// From one JSON object to records: an OTLP request, an answer of the LDV reading extension, or an LDV line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/source.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// Keeps its buffers from object to object. Not thread-safe.
class Decoder {
 public:
  // `mapping` must outlive it.
  explicit Decoder(const Mapping& mapping);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Appends the records of `json`, which began at `line`, to `records`, and a refusal to `output` for each that is
  // wrong; the others are not held up by it. Every record appended makes a valid event once it has a user. A log record
  // that tells of no access is left out; a span that tells of none keeps only what its children or its log records
  // need. With `own` the JSON of each record is appended too, one text a record: an object that holds it alone, with
  // its resource, and that decodes to a record with the same hash.
  void decode(std::string_view json, uint64_t line, std::vector<Record>& records, Output& output,
              std::vector<std::string>* own = nullptr);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace weerbaar::ingest::otlp

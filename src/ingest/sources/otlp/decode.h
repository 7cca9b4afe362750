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

// The JSON of each record of one object that was decoded. It keeps the whole object in memory, and makes a text only
// when it is asked for: of most records nothing is kept, and the texts would cost as much as the decoding.
class RecordTexts {
 public:
  virtual ~RecordTexts() = default;
  // Of the record `number`, from 0: an object that holds it alone, with its resource, and that decodes to a record with
  // the same hash.
  [[nodiscard]] virtual std::string text(size_t number) const = 0;
};

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
  // need. With `own` it is set to the texts of these records; null when there are none. False: it cannot be parsed, and
  // is one refusal, whatever it holds.
  bool decode(std::string_view json, uint64_t line, std::vector<Record>& records, Output& output,
              std::shared_ptr<const RecordTexts>* own = nullptr);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace weerbaar::ingest::otlp

// The records of a whole request, and records with their own JSON, from which they can be made again: what is kept of a
// request while more may come.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"
#include "ingest/sources/otlp/decode.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/protobuf.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// The body of a request.
struct RequestBody {
  std::string_view bytes;
  std::optional<Request> protobuf = std::nullopt;  // what it asks for in protobuf; nothing: it is JSON, of any kind
};

// Is given the records of one object, which it may take away, and their texts; null when nobody asked for them.
using UseRecords = std::function<void(std::vector<Record>& records, const std::shared_ptr<const RecordTexts>& texts)>;

// Reads a whole request of any size, in pieces of bounded size. What is wrong is refused to `output`; what is too large
// to be read as one is a refusal that is cut. kInvalid as of read_protobuf(), or when a part of the JSON cannot be
// parsed, so that nobody can say how many records were in it: nothing of it counts then.
Status read_request(const RequestBody& body, const Mapping& mapping, bool with_texts, Output& output,
                    const UseRecords& use);

struct KeptRecord {
  Record record;
  std::shared_ptr<const RecordTexts> texts;  // of all records that came in the same object
  size_t number = 0;                         // of this one

  // An OTLP request that holds this record alone, or an LDV line. Made anew each time.
  [[nodiscard]] std::string json() const { return texts->text(number); }
};

// The same, all at once.
Result<std::vector<KeptRecord>> read_kept_records(const RequestBody& body, const Mapping& mapping, Output& output);
// The records of a whole input in JSON; what cannot be parsed is a refusal.
std::vector<KeptRecord> read_kept_records(std::string_view input, const Mapping& mapping, Output& output);

}  // namespace weerbaar::ingest::otlp

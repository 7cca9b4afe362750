// OTLP in protobuf: requests become JSON that the source reads, and its answers are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/sources/otlp/request_pieces.h"

namespace weerbaar::ingest::otlp {

enum class Request : uint8_t { kTraces, kLogs };

// Deepest nesting of messages: a record is the fourth.
inline constexpr size_t kMessageDepthMax = 32;

// Reads an ExportTraceServiceRequest or ExportLogsServiceRequest (opentelemetry-proto) as OTLP/JSON: calls `use` with
// requests of about `piece_bytes`, each record with its resource. Only what the source reads is in them. Texts that are
// no UTF-8 stay what they are, for the source to refuse. `refuse` gets a record that nests too deep, with what is too
// deep in it in base64; a resource that does is no object in the pieces. False: a record takes more than kJsonBytesMax,
// or a resource more than kAroundBytesMax. kInvalid when it is no such message; never with what it holds. Unless it is
// true, what `use` and `refuse` were called with is not all.
Result<bool> read_protobuf(std::string_view bytes, Request request, size_t piece_bytes, const UseJson& use,
                           const RefuseJson& refuse);

// An Export…ServiceResponse: empty when nothing was rejected. The same for traces and logs.
std::string protobuf_response(uint64_t rejected, std::string_view message);
// A google.rpc.Status.
std::string protobuf_status(int code, std::string_view message);

}  // namespace weerbaar::ingest::otlp

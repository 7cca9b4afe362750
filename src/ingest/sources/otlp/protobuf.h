// OTLP in protobuf: requests become JSON that the source reads, and its answers are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/sources/otlp/request_pieces.h"

namespace weerbaar::ingest::otlp {

enum class Request : uint8_t { kTraces, kLogs };

// Deepest nesting of messages.
inline constexpr size_t kMessageDepthMax = 32;

// Reads an ExportTraceServiceRequest or ExportLogsServiceRequest (opentelemetry-proto) as OTLP/JSON: calls `use` with
// requests of about `piece_bytes`, each record with its resource. Only what the source reads is in them. Texts that are
// no UTF-8 stay what they are, for the source to refuse. False: a record takes more than kJsonBytesMax, or a resource
// more than kAroundBytesMax. kInvalid when it is no such message, or is nested too deep; never with what it holds.
// Unless it is true, what `use` was called with is not all.
Result<bool> read_protobuf(std::string_view bytes, Request request, size_t piece_bytes, const UseJson& use);

// An Export…ServiceResponse: empty when nothing was rejected. The same for traces and logs.
std::string protobuf_response(uint64_t rejected, std::string_view message);
// A google.rpc.Status.
std::string protobuf_status(int code, std::string_view message);

}  // namespace weerbaar::ingest::otlp

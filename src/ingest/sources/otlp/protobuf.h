// OTLP in protobuf: requests become the JSON that the source reads, and its answers are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::ingest::otlp {

enum class Request : uint8_t { kTraces, kLogs };

// Most bytes of JSON that a request may become.
inline constexpr size_t kJsonOfProtobufBytesMax = 64 * 1024 * 1024;
// Deepest nesting of messages.
inline constexpr size_t kMessageDepthMax = 32;

// An ExportTraceServiceRequest or ExportLogsServiceRequest (opentelemetry-proto) as OTLP/JSON: a line for each
// resource. Only what the source reads is in it. Texts that are no UTF-8 stay what they are, for the source to refuse.
// kInvalid when it is no such message, is nested too deep, or becomes too large; never with what it holds.
Result<std::string> json_of_protobuf(std::string_view bytes, Request request);

// An Export…ServiceResponse: empty when nothing was rejected. The same for traces and logs.
std::string protobuf_response(uint64_t rejected, std::string_view message);
// A google.rpc.Status.
std::string protobuf_status(int code, std::string_view message);

}  // namespace weerbaar::ingest::otlp

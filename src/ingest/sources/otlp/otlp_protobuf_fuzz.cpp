// Any bytes as an OTLP request in protobuf: refused, or JSON that the source reads into valid events.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "domain/access_event.h"
#include "ingest/sources/otlp/otlp.h"
#include "ingest/sources/otlp/protobuf.h"

namespace {

using namespace weerbaar::ingest;

// Empty when it is refused.
std::string json_of(std::string_view bytes, otlp::Request request, size_t piece_bytes) {
  std::string all;
  const auto read = otlp::read_protobuf(
      bytes, request, piece_bytes,
      [&](std::string_view json) {
        all += json;
        all += '\n';
      },
      [](std::string_view reason, std::string_view json) { WEERBAAR_CHECK(!reason.empty() && json.starts_with('{')); });
  if (!read) WEERBAAR_CHECK(read.error().code == weerbaar::Code::kInvalid);
  return read && *read ? all : std::string();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const otlp::Request request : {otlp::Request::kTraces, otlp::Request::kLogs}) {
    const std::string json = json_of(bytes, request, SIZE_MAX);
    if (json.empty()) continue;
    const auto source = create_otlp({}).value();
    Output output;
    source->feed(json, output);
    source->finish(output);
    // Cut into pieces it is the same.
    const auto again = create_otlp({}).value();
    Output pieces;
    again->feed(json_of(bytes, request, 1), pieces);
    again->finish(pieces);
    // A text that had to be mended lets refuse what stands for it elsewhere in the same object.
    WEERBAAR_CHECK(!output.refusals.empty() ||
                   (pieces.refusals.empty() && pieces.events.size() == output.events.size()));
    for (const auto& event : output.events.events()) WEERBAAR_CHECK(weerbaar::validate(event).has_value());
  }
  return 0;
}

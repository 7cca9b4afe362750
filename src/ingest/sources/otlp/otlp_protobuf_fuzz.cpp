// Any bytes as an OTLP request in protobuf: refused, or JSON that the source reads into valid events.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "domain/access_event.h"
#include "ingest/sources/otlp/otlp.h"
#include "ingest/sources/otlp/protobuf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::ingest;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const otlp::Request request : {otlp::Request::kTraces, otlp::Request::kLogs}) {
    const auto json = otlp::json_of_protobuf(bytes, request);
    if (!json) {
      WEERBAAR_CHECK(json.error().code == weerbaar::Code::kInvalid);
      continue;
    }
    const auto source = create_otlp({}).value();
    Output output;
    source->feed(*json, output);
    source->finish(output);
    for (const auto& event : output.events.events()) WEERBAAR_CHECK(weerbaar::validate(event).has_value());
  }
  return 0;
}

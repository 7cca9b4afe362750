// Any text as a mapping: it is refused with its place, or makes a source that takes records.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "ingest/sources/otlp/otlp.h"

namespace {

constexpr std::string_view kInput =
    R"({"trace_id":"5b8efff798038103d269b633813fc601","span_id":"eee19b7ec3c1b101","start_time":1,"resource":{"name":"s"},)"
    R"("attributes":{"enduser.id":"u","medewerker":"u104233","dpl.core.data_subject_id":"1"}})"
    "\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::ingest;
  const SourceOptions options{std::string(reinterpret_cast<const char*>(data), size), "fuzz.toml"};
  const auto source = create_otlp(options);
  if (!source) {
    WEERBAAR_CHECK(source.error().code == weerbaar::Code::kInvalid);
    WEERBAAR_CHECK(source.error().text.starts_with("fuzz.toml:"));
    return 0;
  }
  Output output;
  (*source)->feed(kInput, output);
  (*source)->feed(options.mapping, output);
  (*source)->finish(output);
  for (const auto& event : output.events.events()) WEERBAAR_CHECK(weerbaar::validate(event).has_value());
  return 0;
}

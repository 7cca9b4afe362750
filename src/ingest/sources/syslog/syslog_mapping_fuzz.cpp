// Any text as a mapping: it is refused with its place, or makes a source that takes messages.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "ingest/sources/syslog/syslog.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::ingest;
  const SourceOptions options{std::string(reinterpret_cast<const char*>(data), size), "fuzz.toml"};
  const auto source = create_syslog(options);
  if (!source) {
    WEERBAAR_CHECK(source.error().code == weerbaar::Code::kInvalid);
    WEERBAAR_CHECK(source.error().text.starts_with("fuzz.toml:"));
    return 0;
  }
  Output output;
  (*source)->feed("<13>1 2026-03-02T08:14:03Z h brp - READ - CEF:0|v|p|1|100|n|3|suser=u1 cs1=1\n", output);
  (*source)->feed("<13>Mar  2 08:14:03 h brp: {\"user\":\"u1\"}\n", output);
  (*source)->feed(options.mapping, output);
  (*source)->finish(output);
  for (const auto& event : output.events.events()) WEERBAAR_CHECK(weerbaar::validate(event).has_value());
  return 0;
}

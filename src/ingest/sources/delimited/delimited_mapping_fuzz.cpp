// Any text as a mapping: it is refused with its place, or makes a source that takes records.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "ingest/sources/delimited/delimited.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::ingest;
  const SourceOptions options{std::string(reinterpret_cast<const char*>(data), size), "fuzz.toml"};
  for (const auto create : {create_csv, create_fixed}) {
    const auto source = create(options);
    if (!source) {
      WEERBAAR_CHECK(source.error().code == weerbaar::Code::kInvalid);
      WEERBAAR_CHECK(source.error().text.starts_with("fuzz.toml:"));
      continue;
    }
    Output output;
    (*source)->feed("SEQ;DATE;USER\n1;2026-03-02 08:14:03;u104233\n", output);
    (*source)->feed(options.mapping, output);
    (*source)->finish(output);
    for (const auto& event : output.events.events()) WEERBAAR_CHECK(weerbaar::validate(event).has_value());
  }
  return 0;
}

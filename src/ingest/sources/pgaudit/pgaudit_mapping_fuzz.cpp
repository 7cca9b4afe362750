// Any text as a mapping: it is refused with its place, or makes a source that takes the log.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "ingest/sources/pgaudit/pgaudit.h"

namespace {

constexpr std::string_view kInput =
    R"(2026-03-02 07:14:03.412 CET,"svc","inning",7,"10.1.2.3:5000",69a5.1f,1,"SELECT",2026-03-02 07:14:00 UTC,3/1,0,LOG,)"
    R"(00000,"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.person,select * from person where bsn = 123456782,<none>",,,,,,)"
    R"(,,,"app:user=u104233","client backend",,0)"
    "\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::ingest;
  const SourceOptions options{std::string(reinterpret_cast<const char*>(data), size), "fuzz.toml"};
  const auto source = create_pgaudit(options);
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

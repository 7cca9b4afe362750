// Any bytes as a log: no crash, every event valid, and the same result however the input is cut.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/pgaudit/pgaudit.h"

namespace {

std::string ingest(std::string_view log, size_t piece) {
  auto source = weerbaar::ingest::create_pgaudit(
      {"actor_from_application_name = true\n[[persons]]\ncolumn = \"bsn\"\ntype = \"bsn\"\n", "m"});
  WEERBAAR_CHECK(source.has_value());
  weerbaar::ingest::Output output;
  for (size_t at = 0; at < log.size(); at += piece) (*source)->feed(log.substr(at, piece), output);
  (*source)->finish(output);
  std::string text;
  for (const auto& event : output.events.events()) {
    WEERBAAR_CHECK(weerbaar::validate(event).has_value());
    weerbaar::append_json(text, event);
    text += '\n';
  }
  for (const auto& refusal : output.refusals) {
    WEERBAAR_CHECK(refusal.raw.size() <= weerbaar::kLineBytesMax);
    text += refusal.reason + refusal.raw + std::to_string(refusal.line) + '\n';
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(data), size);
  WEERBAAR_CHECK(ingest(log, log.size() + 1) == ingest(log, log.size() / 7 + 1));
  return 0;
}

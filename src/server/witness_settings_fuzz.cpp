// Settings of a witness, whatever their bytes: what is taken is whole, and what is not is told with its place.
#include "base/check.h"
#include "server/witness_directory.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const auto settings = server::parse_witness_settings(as_text({data, size}));
  if (!settings) {
    WEERBAAR_CHECK(settings.error().code == Code::kInvalid && !settings.error().text.empty());
    return 0;
  }
  WEERBAAR_CHECK(!settings->name.empty());
  for (const auto& log : settings->logs) WEERBAAR_CHECK(!log.origin.empty() && !log.keys.empty());
  return 0;
}

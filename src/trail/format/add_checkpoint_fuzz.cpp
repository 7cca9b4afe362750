// A request that parses is written back as the same bytes.
#include "base/check.h"
#include "trail/format/add_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view body = as_text({data, size});
  const auto request = trail::parse_add_checkpoint(body);
  if (request) WEERBAAR_CHECK(trail::format_add_checkpoint(*request).value() == body);
  return 0;
}

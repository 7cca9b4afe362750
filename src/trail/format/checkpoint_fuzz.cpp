// A checkpoint that parses is written back as the same bytes.
#include "base/check.h"
#include "trail/format/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view text = as_text({data, size});
  const auto checkpoint = trail::parse_checkpoint(text);
  if (checkpoint) WEERBAAR_CHECK(trail::format_checkpoint(*checkpoint).value() == text);
  return 0;
}

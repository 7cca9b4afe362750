// What decodes is canonical: encoded again it is the same bytes.
#include <algorithm>

#include "base/check.h"
#include "trail/format/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const ByteView bytes(data, size);
  trail::Entry entry;
  if (!entry.decode(bytes)) return 0;
  Bytes again;
  if (entry.is_event()) {
    trail::encode(entry.event(), again);
  } else {
    trail::encode(entry.record(), again);
  }
  WEERBAAR_CHECK(std::ranges::equal(again, bytes));
  return 0;
}

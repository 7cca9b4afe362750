// A bundle that decodes is encoded back as the same bytes. The first byte of the input is the width less one.
#include <algorithm>

#include "base/check.h"
#include "trail/format/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  if (size == 0) return 0;
  const ByteView bundle(data + 1, size - 1);
  const auto entries = trail::decode_bundle(bundle, data[0] + 1U);
  if (entries) WEERBAAR_CHECK(std::ranges::equal(trail::encode_bundle(*entries).value(), bundle));
  return 0;
}

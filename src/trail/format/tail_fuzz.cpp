// Whatever the bytes, what is read lies inside them and adds up. Checksums are mended first when the first byte is odd:
// else no input would come past them.
#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "trail/format/tail.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::trail;

void mend(Bytes& file) {
  if (file.size() < kTailHeadBytes) return;
  store_le(file.data() + 56, head_checksum(ByteView(file).first(kTailHeadBytes)));
  uint64_t previous = load_le<uint64_t>(file.data() + 56);
  for (uint64_t at = kTailHeadBytes; at + kBatchHeadBytes <= file.size();) {
    uint8_t* head = file.data() + at;
    const uint64_t available = file.size() - at - kBatchHeadBytes;
    const uint64_t length = std::min(load_le<uint64_t>(head + 16), available);
    store_le(head + 16, length);
    store_le(head + 32, previous);
    store_le(head + 40, static_cast<uint64_t>(XXH3_64bits(head + kBatchHeadBytes, length)));
    previous = head_checksum({head, kBatchHeadBytes});
    store_le(head + 56, previous);
    at += kBatchHeadBytes + padded(length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Bytes file(data + 1, data + size);
  if (data[0] % 2 == 1) mend(file);
  const auto tail = read_tail(file);
  if (!tail) return 0;
  WEERBAAR_CHECK(tail->end <= file.size() && tail->torn_bytes <= file.size() - tail->end);
  WEERBAAR_CHECK(tail->last_batch <= tail->end);
  WEERBAAR_CHECK((tail->how == TailEnd::kBroken) == !tail->problem.empty());
  const uint8_t* before = file.data();
  for (const ByteView entry : tail->entries) {
    WEERBAAR_CHECK(entry.data() >= before && entry.data() + entry.size() <= file.data() + tail->end);
    before = entry.data() + entry.size();
  }
  return 0;
}

// Any bytes, as they come and with their checksums mended: a chapter that opens lists each of its keys, and no other.
#include <xxhash.h>

#include "base/check.h"
#include "trail/verify/chapter_index.h"

namespace {

using namespace weerbaar;

void open_and_ask(const Bytes& file) {
  const auto chapter = trail::ChapterIndex::open(file);
  if (!chapter) return;
  const auto keys_at = 64 + load_le<uint64_t>(file.data() + 32);
  std::vector<uint64_t> keys(load_le<uint64_t>(file.data() + 24));
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = load_le<uint64_t>(file.data() + keys_at + i * 8);
  for (uint64_t i = 0; i < chapter->segments(); ++i) {
    const uint64_t segment = chapter->first_segment() + i;
    if (!chapter->covers(segment)) break;  // numbers beyond 2^64
    const uint64_t omitted = chapter->count_omitted(keys, segment);
    WEERBAAR_CHECK(omitted + chapter->count_listed(segment) == keys.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes file(data, data + size);
  open_and_ask(file);
  if (size < 64) return 0;
  store_le(file.data() + 48, uint64_t{XXH3_64bits(file.data() + 64, size - 64)});
  store_le(file.data() + 56, uint64_t{XXH3_64bits(file.data(), 56)});
  open_and_ask(file);
  return 0;
}

#include "trail/format/filter.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace weerbaar::trail {
namespace {

constexpr uint8_t kActorTag = 0xFF;
constexpr uint8_t kNumberTag = 0;
constexpr uint8_t kBytesTag = 1;
// The constants of the Parquet specification.
constexpr std::array<uint32_t, 8> kSalts = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                            0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};

uint64_t hash_of(uint8_t tag, uint8_t form, std::string_view bytes) {
  uint8_t buffer[256];
  buffer[0] = tag;
  buffer[1] = form;
  if (bytes.size() <= sizeof buffer - 2) {
    std::copy(bytes.begin(), bytes.end(), buffer + 2);
    return XXH3_64bits(buffer, bytes.size() + 2);
  }
  Bytes long_key = {tag, form};
  append(long_key, as_bytes(bytes));
  return XXH3_64bits(long_key.data(), long_key.size());
}

size_t block_offset(size_t filter_size, uint64_t hash) {
  const uint64_t blocks = filter_size / kFilterBlockBytes;
  return static_cast<size_t>(((hash >> 32U) * blocks) >> 32U) * kFilterBlockBytes;
}

uint32_t mask(uint64_t hash, size_t word) {
  return uint32_t{1} << ((static_cast<uint32_t>(hash) * kSalts[word]) >> 27U);
}

}  // namespace

uint64_t subject_hash(const StoredSubject& subject) {
  const auto type = static_cast<uint8_t>(subject.type);
  if (!subject.is_number) return hash_of(type, kBytesTag, subject.bytes);
  uint8_t number[8];
  store_le(number, subject.number);
  return hash_of(type, kNumberTag, as_text(number));
}

uint64_t actor_hash(std::string_view id) {
  return hash_of(kActorTag, kBytesTag, id);
}

size_t filter_bytes(uint64_t keys) {
  const uint64_t blocks = (keys * kFilterBitsPerKey + kFilterBlockBytes * 8 - 1) / (kFilterBlockBytes * 8);
  return static_cast<size_t>(blocks == 0 ? 1 : blocks) * kFilterBlockBytes;
}

void filter_insert(std::span<uint8_t> filter, uint64_t hash) {
  uint8_t* block = filter.data() + block_offset(filter.size(), hash);
  for (size_t word = 0; word < kSalts.size(); ++word) {
    store_le(block + word * 4, load_le<uint32_t>(block + word * 4) | mask(hash, word));
  }
}

bool filter_may_contain(ByteView filter, uint64_t hash) {
  if (filter.empty() || filter.size() % kFilterBlockBytes != 0) return true;
  const uint8_t* block = filter.data() + block_offset(filter.size(), hash);
  for (size_t word = 0; word < kSalts.size(); ++word) {
    if ((load_le<uint32_t>(block + word * 4) & mask(hash, word)) == 0) return false;
  }
  return true;
}

}  // namespace weerbaar::trail

// For tests only: makes the checksums of an index file right, whatever its bytes, so that what they guard is reached.
#pragma once

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "trail/format/index_layout.h"

namespace weerbaar::trail::testing {

inline void mend_index(Bytes& file) {
  if (file.size() < kIndexHeadBytes) return;
  constexpr size_t kPartsAt = kIndexHeadBytes - 8 - 16 * kIndexParts;
  const auto checksum = [&](size_t at, size_t length) {
    return static_cast<uint64_t>(XXH3_64bits(file.data() + at, length));
  };
  std::array<size_t, kIndexParts + 1> begin{kIndexHeadBytes};
  for (size_t part = 0; part < kIndexParts; ++part) {
    const auto length = load_le<uint64_t>(file.data() + kPartsAt + 16 * part);
    begin[part + 1] = begin[part] + static_cast<size_t>(std::min<uint64_t>(length, file.size() - begin[part]));
  }
  const size_t fences = begin[static_cast<size_t>(IndexPart::kFences)];
  for (size_t at = fences; at + kIndexFenceBytes <= begin[static_cast<size_t>(IndexPart::kRoots)];
       at += kIndexFenceBytes) {
    const auto offset = load_le<uint64_t>(file.data() + at + kIndexFencePrefixBytes);
    uint64_t end = fences - kIndexHeadBytes;
    if (at + 2 * kIndexFenceBytes <= begin[static_cast<size_t>(IndexPart::kRoots)]) {
      end = load_le<uint64_t>(file.data() + at + kIndexFenceBytes + kIndexFencePrefixBytes);
    }
    if (offset >= end || end - offset < 8 || end > fences - kIndexHeadBytes) continue;
    const size_t block = kIndexHeadBytes + static_cast<size_t>(offset);
    store_le(file.data() + block, checksum(block + 8, static_cast<size_t>(end - offset) - 8));
  }
  for (size_t part = 0; part < kIndexParts; ++part) {
    if (part == static_cast<size_t>(IndexPart::kBlocks) || part == static_cast<size_t>(IndexPart::kRoots)) continue;
    store_le(file.data() + kPartsAt + 16 * part + 8, checksum(begin[part], begin[part + 1] - begin[part]));
  }
  store_le(file.data() + kIndexHeadBytes - 8, checksum(0, kIndexHeadBytes - 8));
}

}  // namespace weerbaar::trail::testing

// Columns of integers, written: chooses the smallest of the encodings of trail/format/column.h.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "trail/format/column.h"

namespace weerbaar::trail {

struct EncodedColumn {
  Encoding encoding = Encoding::kRaw;
  Bytes bytes;
  uint64_t grows_to = 0;  // bytes of memory, decompressed or regenerated: what reading takes from its budget
};

enum class Packing : uint8_t {
  kTight,  // the smallest encoding
  kLoose,  // nothing that grows when it is read
};

EncodedColumn encode_integers(std::span<const int64_t> values, Packing packing = Packing::kTight);

// Puts `column` behind the bytes of `to`, as a part of it.
void append_nested(EncodedColumn& to, const EncodedColumn& column);

}  // namespace weerbaar::trail

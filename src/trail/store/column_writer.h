// Columns of a segment, written: chooses the smallest of the encodings of trail/format/column.h.
#pragma once

#include <span>
#include <string_view>

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
// Values 0–65,535, as they are: for postings.
EncodedColumn encode_integers_16(std::span<const uint32_t> values);
EncodedColumn encode_texts(std::span<const std::string_view> texts, Packing packing = Packing::kTight);
// The same for ids, which nearly always end in a number: numbered where they do.
EncodedColumn encode_ids(std::span<const std::string_view> ids, Packing packing = Packing::kTight);

}  // namespace weerbaar::trail

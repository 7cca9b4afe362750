// Columns of texts, written: chooses the smallest of the encodings of trail/format/column.h.
#pragma once

#include <span>
#include <string_view>

#include "trail/store/integer_writer.h"

namespace weerbaar::trail {

EncodedColumn encode_texts(std::span<const std::string_view> texts, Packing packing = Packing::kTight);
// The same for ids, which nearly always end in a number: numbered where they do.
EncodedColumn encode_ids(std::span<const std::string_view> ids, Packing packing = Packing::kTight);

}  // namespace weerbaar::trail

// Columns of integers that are read once, from the front to the back: nothing of them is laid out in memory of their
// own, as IntegerColumn does, so that a scan over many segments takes the same few pieces of memory again and again.
// The bytes may be anybody's: the same columns are refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/column.h"
#include "trail/format/segment_head.h"

namespace weerbaar::trail {

// The bytes of a section, once its checksum was found right. kCorrupt names the section.
Result<ByteView> checked_section(ByteView file, const SegmentHead& head, Section section);
// Where that section stands in the head.
const SectionPlace& place_of(const SegmentHead& head, Section section);

// Replaces `values` by those of all rows.
Status scan_integers(Encoding encoding, uint64_t rows, ByteView bytes, std::vector<int64_t>& values);

// Rows that follow each other and have one value: values[i] stands in lengths[i] rows. Neighbours may have the same.
struct IntegerRuns {
  std::vector<int64_t> values;
  std::vector<int64_t> lengths;
};
// Replaces `runs` by those of all rows.
Status scan_runs(Encoding encoding, uint64_t rows, ByteView bytes, IntegerRuns& runs);

// The columns within a column of texts: of a dictionary or a table its distinct texts, and the code of each row; of
// numbered texts the patterns, the code of each row, and its step.
struct TextParts {
  Encoding items_encoding = Encoding::kTextsPlain;  // or kTextsNumbered
  uint64_t items = 0;
  ByteView item_bytes;
  Encoding codes_encoding = Encoding::kIntegersConstant;
  ByteView code_bytes;
  Encoding steps_encoding = Encoding::kIntegersConstant;
  ByteView step_bytes;
};
// For those three encodings.
Result<TextParts> split_texts(Encoding encoding, uint64_t rows, ByteView bytes);

// Replaces `with_text` by the rows of a column of texts whose text is not empty, ascending. `budget` as for TextColumn.
Status scan_rows_with_text(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget,
                           std::vector<uint32_t>& with_text);

// Replaces `text` by that of one row.
Status scan_text(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget, uint64_t row, std::string& text);

// True when every value is at least 0 and below `limit`, which is below 2^63.
bool all_below(std::span<const int64_t> values, uint64_t limit);

}  // namespace weerbaar::trail

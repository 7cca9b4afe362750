// Columns of a segment, read. docs/formats/segment.md gives every layout byte for byte; trail/store/column_writer.h
// writes them. The bytes may be anybody's: open() proves that no later read leaves them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace weerbaar::trail {

inline constexpr size_t kColumnBlockRows = 256;
// No text is longer than an entry; a pattern of kTextsNumbered has up to four bytes in front.
inline constexpr uint64_t kColumnTextBytesMax = 65'535 + 4;

// How the values of a column are laid out. Written to disk: append, never renumber.
enum class Encoding : uint16_t {
  kIntegersConstant = 0,  // one value for all rows
  kIntegersPacked = 1,    // frame of reference per block of 256 rows, bit-packed
  kIntegers16 = 2,        // unsigned 16-bit, as they are
  kTextsConstant = 16,    // one text for all rows
  kTextsDictionary = 17,  // distinct texts, and a code per row
  kTextsPlain = 18,       // every text in turn
  kTextsNumbered = 19,    // texts that end in a number: a few patterns, and a number per row
  kRaw = 32,              // bytes with a meaning of their own (filter, hashes)
};

// Signed 64-bit integers, readable at random.
class IntegerColumn {
 public:
  IntegerColumn() = default;
  // `bytes` must outlive the column. kCorrupt when they are not a column of `rows` rows in this encoding.
  static Result<IntegerColumn> open(Encoding encoding, uint64_t rows, ByteView bytes);

  [[nodiscard]] uint64_t rows() const { return rows_; }
  // `row` < rows().
  [[nodiscard]] int64_t at(uint64_t row) const;
  // All values in order; `values` has rows() places.
  void read_all(std::span<int64_t> values) const;
  // True when every row has the value of row 0 by construction.
  [[nodiscard]] bool is_constant() const { return encoding_ == Encoding::kIntegersConstant; }

 private:
  Status open_packed(ByteView bytes);

  Encoding encoding_ = Encoding::kIntegersConstant;
  uint64_t rows_ = 0;
  uint64_t base_ = 0;
  uint64_t scale_ = 0;
  unsigned base_bits_ = 0;
  const uint8_t* widths_ = nullptr;
  const uint8_t* bases_ = nullptr;
  const uint8_t* packed_ = nullptr;
  std::vector<uint32_t> offsets_;  // of each block within packed_
};

// Texts or byte strings.
class TextColumn {
 public:
  TextColumn() = default;
  // `bytes` must outlive the column. `budget` is what texts may still grow to, in bytes of memory, when they are
  // decompressed or regenerated; it is lowered by what this column takes. kCorrupt when it is not enough, or the bytes
  // are not a column of `rows` rows in this encoding.
  static Result<TextColumn> open(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget);

  [[nodiscard]] uint64_t rows() const { return rows_; }
  // `row` < rows(). The view lives as long as the column.
  [[nodiscard]] std::string_view at(uint64_t row) const;
  [[nodiscard]] bool is_constant() const { return encoding_ == Encoding::kTextsConstant; }

 private:
  Status open_list(ByteView& bytes, uint64_t items, uint64_t& budget);
  Status open_dictionary(ByteView bytes, uint64_t& budget);
  Status open_numbered(ByteView bytes, uint64_t& budget);

  Encoding encoding_ = Encoding::kTextsConstant;
  uint64_t rows_ = 0;
  std::string_view constant_;
  IntegerColumn codes_;
  Bytes text_;                  // the texts one after another, decompressed or regenerated
  std::vector<uint64_t> ends_;  // end of each text within text_
};

// A nested integer column: u16 encoding, u16 zero, u32 length, bytes. Moves `bytes` past it.
Result<IntegerColumn> open_nested(ByteView& bytes, uint64_t rows);

}  // namespace weerbaar::trail

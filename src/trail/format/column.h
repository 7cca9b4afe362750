// Columns of a segment, read. docs/formats/segment.md gives every layout byte for byte; trail/store/column_writer.h
// and integer_writer.h write them. The bytes may be anybody's: open() proves that no later read leaves them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
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
  kIntegersSteps = 3,     // the first value, and the step from each to the next
  kIntegersRuns = 4,      // each value once for a run of rows, and how long the run is
  kTextsConstant = 16,    // one text for all rows
  kTextsDictionary = 17,  // distinct texts, and a code per row
  kTextsPlain = 18,       // every text in turn
  kTextsNumbered = 19,    // texts that end in a number: a few patterns, and a number per row
  kTextsTable = 20,       // distinct texts as a column of their own, and a code per row
  kRaw = 32,              // bytes with a meaning of their own (filter, hashes)
};

// Signed 64-bit integers, readable at random.
class IntegerColumn {
 public:
  IntegerColumn() = default;
  // `bytes` must outlive the column. Values that are not readable at random as they stand are laid out in memory, which
  // is taken from `budget`, in bytes. kCorrupt when that is not enough, or the bytes are not a column of `rows` rows in
  // this encoding.
  static Result<IntegerColumn> open(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget);

  [[nodiscard]] uint64_t rows() const { return rows_; }
  // `row` < rows().
  [[nodiscard]] int64_t at(uint64_t row) const {
    if (values_ != nullptr) return values_.get()[row];
    return encoding_ == Encoding::kIntegersConstant ? static_cast<int64_t>(base_) : packed_at(row);
  }
  // All values in order; `values` has rows() places.
  void read_all(std::span<int64_t> values) const;
  // The same without copying what is laid out already: the values live as long as the column and `scratch`.
  [[nodiscard]] std::span<const int64_t> all(std::vector<int64_t>& scratch) const;
  // Calls visit(first row, values) for all rows in order, some at a time: without memory for them all.
  template <class Visit>
  void visit(const Visit& visit) const {
    if (values_ != nullptr) return visit(uint64_t{0}, std::span<const int64_t>(values_.get(), rows_));
    int64_t block[kColumnBlockRows];
    for (uint64_t first = 0; first < rows_; first += kColumnBlockRows) {
      const std::span<int64_t> values(block, std::min<uint64_t>(kColumnBlockRows, rows_ - first));
      read_block(first / kColumnBlockRows, values);
      visit(first, std::span<const int64_t>(values));
    }
  }
  // True when every row has the value of row 0 by construction.
  [[nodiscard]] bool is_constant() const { return encoding_ == Encoding::kIntegersConstant; }
  // True when every value is at least 0 and below `limit`.
  [[nodiscard]] bool lies_below(uint64_t limit) const;

 private:
  Status open_packed(ByteView bytes);
  Status lay_out(uint64_t& budget);
  Status open_steps(ByteView bytes, uint64_t& budget);
  Status open_runs(ByteView bytes, uint64_t& budget);
  [[nodiscard]] int64_t packed_at(uint64_t row) const;
  // Of what is not laid out: as many values as the block has.
  void read_block(uint64_t block, std::span<int64_t> values) const;
  [[nodiscard]] bool blocks_lie_below(uint64_t limit) const;

  Encoding encoding_ = Encoding::kIntegersConstant;
  uint64_t rows_ = 0;
  uint64_t base_ = 0;
  uint64_t scale_ = 0;
  unsigned base_bits_ = 0;
  const uint8_t* widths_ = nullptr;
  const uint8_t* bases_ = nullptr;
  const uint8_t* packed_ = nullptr;
  std::vector<uint32_t> offsets_;      // of each block within packed_
  std::shared_ptr<int64_t[]> values_;  // laid out, or null
  int64_t low_ = 0;                    // the least and the greatest of them
  int64_t high_ = 0;
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
  // The texts that occur in it, each at least once.
  [[nodiscard]] uint64_t items() const { return encoding_ == Encoding::kTextsConstant ? 1 : ends_.size(); }
  [[nodiscard]] std::string_view item(uint64_t item) const;
  // Which item each row has.
  [[nodiscard]] std::vector<uint32_t> item_numbers() const;
  // Appends the rows whose text is not empty, ascending.
  void rows_with_text(std::vector<uint32_t>& rows) const;

 private:
  friend class NumberedColumn;

  static Result<TextColumn> take_list(ByteView& bytes, uint64_t items, uint64_t items_max, uint64_t& budget);
  Status open_list(ByteView& bytes, uint64_t items, uint64_t& budget);
  Status open_dictionary(ByteView bytes, uint64_t& budget);
  Status open_table(ByteView bytes, uint64_t& budget);
  Status open_codes(ByteView bytes, uint64_t items, uint64_t& budget);
  Status open_numbered(ByteView bytes, uint64_t& budget);

  Encoding encoding_ = Encoding::kTextsConstant;
  uint64_t rows_ = 0;
  std::string_view constant_;
  IntegerColumn codes_;
  Bytes text_;                  // the texts one after another, decompressed or regenerated
  std::vector<uint64_t> ends_;  // end of each text within text_
};

// Texts that end in a number, made one at a time: a column in the encoding kTextsNumbered whose texts are not laid out
// in memory.
class NumberedColumn {
 public:
  NumberedColumn() = default;
  // As TextColumn::open().
  static Result<NumberedColumn> open(uint64_t rows, ByteView bytes, uint64_t& budget);

  // Appends the text of `row` < rows.
  void append(uint64_t row, std::string& text) const;
  // No text is longer.
  [[nodiscard]] size_t bytes_max() const { return bytes_max_; }
  // Writes the text of `row`, and returns where it ends. There is room for kSpareBytes more than bytes_max().
  static constexpr size_t kSpareBytes = 16;
  uint8_t* write(uint64_t row, uint8_t* to) const;
  // Says that the row will be wanted soon.
  void prefetch(uint64_t row) const { __builtin_prefetch(&rows_[row]); }
  // Whether every text is well-formed UTF-8, and not empty, whatever its number.
  [[nodiscard]] bool are_texts() const { return are_texts_; }

 private:
  // The texts on both sides of the number stand behind each other in texts_.
  struct Pattern {
    uint32_t begin;
    uint32_t before_bytes;
    uint32_t after_bytes;
    uint32_t width;  // 255: no number
  };
  [[nodiscard]] uint64_t number_max() const { return (uint64_t{1} << number_bits_) - 1; }
  [[nodiscard]] uint64_t number(uint64_t row) const {
    return numbers_.empty() ? rows_[row] & number_max() : numbers_[row];
  }

  Status take_patterns(const TextColumn& list);
  void take_numbers(std::span<const int64_t> codes, std::span<const int64_t> steps, std::vector<uint64_t>& previous);

  std::vector<Pattern> patterns_;
  Bytes texts_;                    // with kSpareBytes behind them
  unsigned number_bits_ = 0;       // that patterns leave, below them, for the number of a row
  std::vector<uint64_t> rows_;     // of each its pattern and its number
  std::vector<uint64_t> numbers_;  // of all rows, when one takes more bits
  size_t bytes_max_ = 0;
  bool are_texts_ = true;
};

// A nested integer column: u16 encoding, u16 zero, u32 length, bytes. Moves `bytes` past it.
Result<IntegerColumn> open_nested(ByteView& bytes, uint64_t rows, uint64_t& budget);

}  // namespace weerbaar::trail

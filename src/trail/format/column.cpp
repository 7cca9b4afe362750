#include "trail/format/column.h"

#include <zstd.h>

#include <algorithm>
#include <charconv>

namespace weerbaar::trail {
namespace {

constexpr unsigned kDigitsMax = 18;  // of a number in a text, so that it fits 63 bits
// Packed values are read as one unaligned 64-bit word, so the data ends with this many spare bytes.
constexpr size_t kPackedSpareBytes = 8;

std::unexpected<Error> corrupt(const char* what) {
  return fail(Code::kCorrupt, what);
}

// Takes `bytes` from what texts may still grow to. Asked before the memory is.
Status spend(uint64_t& budget, uint64_t bytes) {
  if (bytes > budget) return corrupt("its texts grow beyond what a segment of this size may hold");
  budget -= bytes;
  return {};
}

// `width` ≤ 56 or 64 bits at bit position `bit`.
uint64_t read_bits(const uint8_t* data, uint64_t bit, unsigned width) {
  if (width == 0) return 0;
  if (width == 64) return load_le<uint64_t>(data + bit / 8);
  return (load_le<uint64_t>(data + bit / 8) >> (bit % 8)) & ((uint64_t{1} << width) - 1);
}

bool is_width(unsigned width) {
  return width <= 56 || width == 64;
}

uint64_t blocks_of(uint64_t rows) {
  return (rows + kColumnBlockRows - 1) / kColumnBlockRows;
}

// LEB128, at most ten bytes. False when there is none.
bool take_varint(ByteView& bytes, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const uint8_t byte = bytes[0];
    bytes = bytes.subspan(1);
    value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

// u64 raw size, u64 stored size (0: stored as it is, raw size bytes), bytes. Moves `bytes` past it.
Result<Bytes> take_compressed(ByteView& bytes, uint64_t& budget) {
  if (bytes.size() < 16) return corrupt("a block of texts is cut short");
  const auto raw_size = load_le<uint64_t>(bytes.data());
  const auto stored_size = load_le<uint64_t>(bytes.data() + 8);
  bytes = bytes.subspan(16);
  const uint64_t taken = stored_size == 0 ? raw_size : stored_size;
  if (taken > bytes.size()) return corrupt("a block of texts has an impossible size");
  const ByteView stored = bytes.first(taken);
  bytes = bytes.subspan(taken);
  if (stored_size == 0) return Bytes(stored.begin(), stored.end());
  WEERBAAR_TRY(spend(budget, raw_size));
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != raw_size) {
    return corrupt("a compressed block of texts states another size");
  }
  Bytes raw(raw_size);
  const size_t size = ZSTD_decompress(raw.data(), raw.size(), stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != raw_size) return corrupt("a compressed block of texts does not decompress");
  return raw;
}

}  // namespace

Result<IntegerColumn> IntegerColumn::open(Encoding encoding, uint64_t rows, ByteView bytes) {
  IntegerColumn column;
  column.encoding_ = encoding;
  column.rows_ = rows;
  switch (encoding) {
    case Encoding::kIntegersConstant:
      if (bytes.size() != 8) return corrupt("a constant column is not 8 bytes");
      column.base_ = load_le<uint64_t>(bytes.data());
      return column;
    case Encoding::kIntegers16:
      if (bytes.size() != rows * 2) return corrupt("a 16-bit column has the wrong size");
      column.packed_ = bytes.data();
      return column;
    case Encoding::kIntegersPacked:
      WEERBAAR_TRY(column.open_packed(bytes));
      return column;
    default:
      return corrupt("a column of integers has an unknown encoding: a newer program wrote it, or it is damaged");
  }
}

Status IntegerColumn::open_packed(ByteView bytes) {
  constexpr size_t kHeader = 8 + 8 + 1;
  const uint64_t blocks = blocks_of(rows_);
  if (bytes.size() < kHeader || bytes.size() - kHeader < blocks) return corrupt("a packed column is cut short");
  base_ = load_le<uint64_t>(bytes.data());
  scale_ = load_le<uint64_t>(bytes.data() + 8);
  base_bits_ = bytes[16];
  widths_ = bytes.data() + kHeader;
  if (!is_width(base_bits_)) return corrupt("a packed column has an impossible width");
  ByteView rest = bytes.subspan(kHeader + blocks);
  const uint64_t base_bytes = (blocks * base_bits_ + 7) / 8;
  if (rest.size() < base_bytes + kPackedSpareBytes) return corrupt("a packed column is cut short");
  bases_ = rest.data();
  packed_ = rest.data() + base_bytes;
  const uint64_t available = rest.size() - base_bytes - kPackedSpareBytes;
  offsets_.resize(blocks);
  uint64_t offset = 0;
  for (uint64_t block = 0; block < blocks; ++block) {
    if (!is_width(widths_[block]) || offset > UINT32_MAX) return corrupt("a packed column has an impossible width");
    offsets_[block] = static_cast<uint32_t>(offset);
    const uint64_t rows = std::min<uint64_t>(kColumnBlockRows, rows_ - block * kColumnBlockRows);
    offset += (rows * widths_[block] + 7) / 8;
  }
  if (offset != available) return corrupt("a packed column has the wrong size");
  return {};
}

int64_t IntegerColumn::at(uint64_t row) const {
  if (encoding_ == Encoding::kIntegersConstant) return static_cast<int64_t>(base_);
  if (encoding_ == Encoding::kIntegers16) return load_le<uint16_t>(packed_ + row * 2);
  const uint64_t block = row / kColumnBlockRows;
  const unsigned width = widths_[block];
  const uint64_t value = read_bits(packed_ + offsets_[block], row % kColumnBlockRows * width, width);
  return static_cast<int64_t>(base_ + scale_ * (read_bits(bases_, block * base_bits_, base_bits_) + value));
}

void IntegerColumn::read_all(std::span<int64_t> values) const {
  if (encoding_ != Encoding::kIntegersPacked) {
    for (uint64_t row = 0; row < rows_; ++row) values[row] = at(row);
    return;
  }
  for (uint64_t block = 0; block < offsets_.size(); ++block) {
    const uint64_t first = block * kColumnBlockRows;
    const uint64_t rows = std::min<uint64_t>(kColumnBlockRows, rows_ - first);
    const unsigned width = widths_[block];
    const uint64_t base = base_ + scale_ * read_bits(bases_, block * base_bits_, base_bits_);
    const uint8_t* data = packed_ + offsets_[block];
    for (uint64_t i = 0; i < rows; ++i) {
      values[first + i] = static_cast<int64_t>(base + scale_ * read_bits(data, i * width, width));
    }
  }
}

Result<IntegerColumn> open_nested(ByteView& bytes, uint64_t rows) {
  if (bytes.size() < 8) return corrupt("a nested column is cut short");
  const auto encoding = static_cast<Encoding>(load_le<uint16_t>(bytes.data()));
  const auto length = load_le<uint32_t>(bytes.data() + 4);
  bytes = bytes.subspan(8);
  if (length > bytes.size()) return corrupt("a nested column is cut short");
  const ByteView content = bytes.first(length);
  bytes = bytes.subspan(length);
  return IntegerColumn::open(encoding, rows, content);
}

// A compressed block: the length of each text as a varint, then the texts. Fills text_ and ends_.
Status TextColumn::open_list(ByteView& bytes, uint64_t items, uint64_t& budget) {
  if (items > rows_) return corrupt("a list of texts has more items than rows");
  WEERBAAR_ASSIGN(Bytes raw, take_compressed(bytes, budget));
  if (items > raw.size()) return corrupt("a list of texts has an impossible count");
  ByteView rest = raw;
  ends_.reserve(items);
  uint64_t end = 0;
  for (uint64_t i = 0; i < items; ++i) {
    uint64_t length = 0;
    if (!take_varint(rest, length) || length > kColumnTextBytesMax)
      return corrupt("a list of texts has a wrong length");
    end += length;
    ends_.push_back(end);
  }
  if (end != rest.size()) return corrupt("a list of texts has the wrong size");
  text_.assign(rest.begin(), rest.end());
  return {};
}

// u64 items, a list of them, and a nested column of codes.
Status TextColumn::open_dictionary(ByteView bytes, uint64_t& budget) {
  if (bytes.size() < 8) return corrupt("a dictionary is cut short");
  const auto items = load_le<uint64_t>(bytes.data());
  bytes = bytes.subspan(8);
  WEERBAAR_TRY(open_list(bytes, items, budget));
  WEERBAAR_ASSIGN(codes_, open_nested(bytes, rows_));
  if (!bytes.empty()) return corrupt("a column of texts has bytes left over");
  for (uint64_t row = 0; row < rows_; ++row) {
    const int64_t code = codes_.at(row);
    if (code < 0 || static_cast<uint64_t>(code) >= items) return corrupt("a code points outside its dictionary");
    if (codes_.is_constant()) break;
  }
  return {};
}

Result<TextColumn> TextColumn::open(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget) {
  TextColumn column;
  column.encoding_ = encoding;
  column.rows_ = rows;
  switch (encoding) {
    case Encoding::kTextsConstant:
      if (bytes.size() > kColumnTextBytesMax) return corrupt("a constant text is longer than an entry");
      column.constant_ = as_text(bytes);
      return column;
    case Encoding::kTextsPlain:
      WEERBAAR_TRY(column.open_list(bytes, rows, budget));
      if (!bytes.empty()) return corrupt("a column of texts has bytes left over");
      return column;
    case Encoding::kTextsDictionary:
      WEERBAAR_TRY(column.open_dictionary(bytes, budget));
      return column;
    case Encoding::kTextsNumbered:
      WEERBAAR_TRY(column.open_numbered(bytes, budget));
      return column;
    default:
      return corrupt("a column of texts has an unknown encoding: a newer program wrote it, or it is damaged");
  }
}

// A pattern is a text of: one byte with the width of the number (0: written without leading zeros), one varint with the
// length of what stands before the number, and what stands before and after it. Width 255: no number, the text itself.
Status TextColumn::open_numbered(ByteView bytes, uint64_t& budget) {
  if (bytes.size() < 8) return corrupt("a numbered column is cut short");
  const auto patterns = load_le<uint64_t>(bytes.data());
  bytes = bytes.subspan(8);
  WEERBAAR_TRY(open_list(bytes, patterns, budget));
  const Bytes pattern_text = std::move(text_);
  const std::vector<uint64_t> pattern_ends = std::move(ends_);
  WEERBAAR_ASSIGN(const IntegerColumn codes, open_nested(bytes, rows_));
  WEERBAAR_ASSIGN(const IntegerColumn steps, open_nested(bytes, rows_));
  if (!bytes.empty()) return corrupt("a numbered column has bytes left over");

  std::vector<uint64_t> previous(patterns, 0);
  text_.clear();
  ends_.clear();
  ends_.reserve(rows_);
  for (uint64_t row = 0; row < rows_; ++row) {
    const auto code = static_cast<uint64_t>(codes.at(row));
    if (code >= patterns) return corrupt("a code points outside its patterns");
    const uint64_t start = code == 0 ? 0 : pattern_ends[code - 1];
    ByteView pattern(pattern_text.data() + start, pattern_ends[code] - start);
    uint64_t before = 0;
    if (pattern.empty()) return corrupt("a pattern is empty");
    const size_t row_start = text_.size();
    const unsigned width = pattern[0];
    pattern = pattern.subspan(1);
    if (!take_varint(pattern, before) || before > pattern.size()) return corrupt("a pattern is damaged");
    append(text_, pattern.first(before));
    if (width != 255) {
      if (width > kDigitsMax) return corrupt("a pattern has too wide a number");
      previous[code] += static_cast<uint64_t>(steps.at(row));
      char digits[24];
      const auto written = std::to_chars(digits, digits + sizeof digits, previous[code]);
      const auto length = static_cast<size_t>(written.ptr - digits);
      for (size_t zero = length; zero < width; ++zero) text_.push_back('0');
      append(text_, as_bytes({digits, length}));
    }
    append(text_, pattern.subspan(before));
    WEERBAAR_TRY(spend(budget, text_.size() - row_start));
    ends_.push_back(text_.size());
  }
  encoding_ = Encoding::kTextsPlain;
  return {};
}

std::string_view TextColumn::at(uint64_t row) const {
  if (encoding_ == Encoding::kTextsConstant) return constant_;
  const uint64_t item = encoding_ == Encoding::kTextsDictionary ? static_cast<uint64_t>(codes_.at(row)) : row;
  const uint64_t start = item == 0 ? 0 : ends_[item - 1];
  return as_text(ByteView(text_)).substr(start, ends_[item] - start);
}

}  // namespace weerbaar::trail

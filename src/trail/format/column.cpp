#include "trail/format/column.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>

#include "base/utf8.h"
#include "trail/format/unpack.h"

namespace weerbaar::trail {
namespace {

constexpr unsigned kDigitsMax = 18;  // of a number in a text, so that it fits 63 bits
constexpr size_t kRowsToSpare = 8;   // behind values that are laid out

std::unexpected<Error> corrupt(const char* what) {
  return fail(Code::kCorrupt, what);
}

// Takes `bytes` from what texts may still grow to. Asked before the memory is.
Status spend(uint64_t& budget, uint64_t bytes) {
  if (bytes > budget) return corrupt("its texts grow beyond what a segment of this size may hold");
  budget -= bytes;
  return {};
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

Result<IntegerColumn> IntegerColumn::open(Encoding encoding, uint64_t rows, ByteView bytes, uint64_t& budget) {
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
    case Encoding::kIntegersSteps:
      WEERBAAR_TRY(column.open_steps(bytes, budget));
      return column;
    case Encoding::kIntegersRuns:
      WEERBAAR_TRY(column.open_runs(bytes, budget));
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
  const ByteView rest = bytes.subspan(kHeader + blocks);
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

namespace {

// A part of a column of steps or runs: nested, and not of steps or runs itself, so that no bytes nest without end.
Result<IntegerColumn> open_part(ByteView& bytes, uint64_t rows, uint64_t& budget) {
  const bool is_known =
      bytes.size() >= 2 && load_le<uint16_t>(bytes.data()) <= static_cast<uint16_t>(Encoding::kIntegers16);
  if (!is_known) return corrupt("a part of a column has another encoding than parts have");
  return open_nested(bytes, rows, budget);
}

}  // namespace

Status IntegerColumn::lay_out(uint64_t& budget) {
  WEERBAAR_TRY(spend(budget, rows_ * sizeof(int64_t)));
  values_ = std::make_shared_for_overwrite<int64_t[]>(rows_ + kRowsToSpare);
  return {};
}

// The first value, and a nested column of the steps to each of the others.
Status IntegerColumn::open_steps(ByteView bytes, uint64_t& budget) {
  if (rows_ < 2 || bytes.size() < 8) return corrupt("a column of steps is cut short");
  auto value = load_le<uint64_t>(bytes.data());
  bytes = bytes.subspan(8);
  WEERBAAR_ASSIGN(const IntegerColumn steps, open_part(bytes, rows_ - 1, budget));
  if (!bytes.empty()) return corrupt("a column of steps has bytes left over");
  WEERBAAR_TRY(lay_out(budget));
  const std::span<int64_t> values(values_.get(), rows_);
  low_ = high_ = values[0] = static_cast<int64_t>(value);
  steps.read_all(values.subspan(1));
  for (int64_t& row : values.subspan(1)) {
    value += static_cast<uint64_t>(row);
    row = static_cast<int64_t>(value);
    low_ = std::min(low_, row);
    high_ = std::max(high_, row);
  }
  return {};
}

// u64 runs, a nested column of their values, and one of their lengths.
Status IntegerColumn::open_runs(ByteView bytes, uint64_t& budget) {
  if (bytes.size() < 8) return corrupt("a column of runs is cut short");
  const auto runs = load_le<uint64_t>(bytes.data());
  if (runs == 0 || runs > rows_) return corrupt("a column of runs has an impossible number of them");
  bytes = bytes.subspan(8);
  WEERBAAR_ASSIGN(const IntegerColumn value_column, open_part(bytes, runs, budget));
  WEERBAAR_ASSIGN(const IntegerColumn length_column, open_part(bytes, runs, budget));
  if (!bytes.empty()) return corrupt("a column of runs has bytes left over");
  WEERBAAR_TRY(lay_out(budget));
  std::vector<int64_t> value_scratch;
  std::vector<int64_t> length_scratch;
  const auto values = value_column.all(value_scratch);
  const auto lengths = length_column.all(length_scratch);
  const auto [low, high] = std::ranges::minmax(values);
  low_ = low;
  high_ = high;
  uint64_t row = 0;
  for (uint64_t run = 0; run < runs; ++run) {
    const auto length = static_cast<uint64_t>(lengths[run]);
    if (length == 0 || length > rows_ - row) return corrupt("a run goes beyond its column");
    // Most runs are short: some rows too many, which the next run writes again, cost less than a loop that ends early.
    int64_t* const to = values_.get() + row;
    for (size_t i = 0; i < kRowsToSpare; ++i) to[i] = values[run];
    if (length > kRowsToSpare) std::fill_n(to + kRowsToSpare, length - kRowsToSpare, values[run]);
    row += length;
  }
  return row == rows_ ? Status() : corrupt("the runs do not fill their column");
}

int64_t IntegerColumn::packed_at(uint64_t row) const {
  if (encoding_ == Encoding::kIntegers16) return load_le<uint16_t>(packed_ + row * 2);
  const uint64_t block = row / kColumnBlockRows;
  const unsigned width = widths_[block];
  const uint64_t value = read_bits(packed_ + offsets_[block], row % kColumnBlockRows * width, width);
  return static_cast<int64_t>(base_ + scale_ * (read_bits(bases_, block * base_bits_, base_bits_) + value));
}

void IntegerColumn::read_block(uint64_t block, std::span<int64_t> values) const {
  if (encoding_ == Encoding::kIntegersConstant) {
    std::ranges::fill(values, static_cast<int64_t>(base_));
  } else if (encoding_ == Encoding::kIntegers16) {
    const uint8_t* const from = packed_ + block * kColumnBlockRows * 2;
    for (size_t i = 0; i < values.size(); ++i) values[i] = load_le<uint16_t>(from + i * 2);
  } else {
    const uint64_t base = base_ + scale_ * read_bits(bases_, block * base_bits_, base_bits_);
    unpack(packed_ + offsets_[block], widths_[block], base, scale_, values);
  }
}

void IntegerColumn::read_all(std::span<int64_t> values) const {
  if (values_ != nullptr) {
    std::copy_n(values_.get(), rows_, values.begin());
    return;
  }
  for (uint64_t first = 0; first < rows_; first += kColumnBlockRows) {
    const uint64_t rows = std::min<uint64_t>(kColumnBlockRows, rows_ - first);
    read_block(first / kColumnBlockRows, values.subspan(first, rows));
  }
}

std::span<const int64_t> IntegerColumn::all(std::vector<int64_t>& scratch) const {
  if (values_ != nullptr) return {values_.get(), rows_};
  scratch.resize(rows_);
  read_all(scratch);
  return scratch;
}

bool IntegerColumn::lies_below(uint64_t limit) const {
  const auto is_inside = [limit](int64_t value) { return value >= 0 && static_cast<uint64_t>(value) < limit; };
  if (rows_ == 0) return true;
  if (values_ != nullptr) return is_inside(low_) && is_inside(high_);
  if (encoding_ == Encoding::kIntegersConstant) return is_inside(at(0));
  if (encoding_ == Encoding::kIntegersPacked && blocks_lie_below(limit)) return true;
  bool all_inside = true;
  visit([&](uint64_t, std::span<const int64_t> values) {
    all_inside = all_inside && std::ranges::all_of(values, is_inside);
  });
  return all_inside;
}

// True only when it is so; a block may hold less than its width allows.
bool IntegerColumn::blocks_lie_below(uint64_t limit) const {
  constexpr unsigned kWidthMax = 32;
  constexpr uint64_t kEnough = uint64_t{1} << kWidthMax;  // so that nothing below overflows
  if (base_ >= kEnough || scale_ >= kEnough || base_bits_ > kWidthMax) return false;
  for (uint64_t block = 0; block < offsets_.size(); ++block) {
    if (widths_[block] > kWidthMax) return false;
    const uint64_t most = read_bits(bases_, block * base_bits_, base_bits_) + (uint64_t{1} << widths_[block]) - 1;
    if (most >= kEnough || base_ + scale_ * most >= limit) return false;
  }
  return true;
}

Result<IntegerColumn> open_nested(ByteView& bytes, uint64_t rows, uint64_t& budget) {
  if (bytes.size() < 8) return corrupt("a nested column is cut short");
  const auto encoding = static_cast<Encoding>(load_le<uint16_t>(bytes.data()));
  const auto length = load_le<uint32_t>(bytes.data() + 4);
  bytes = bytes.subspan(8);
  if (length > bytes.size()) return corrupt("a nested column is cut short");
  const ByteView content = bytes.first(length);
  bytes = bytes.subspan(length);
  return IntegerColumn::open(encoding, rows, content, budget);
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
  return open_codes(bytes, items, budget);
}

// u64 items, a nested column of them, and a nested column of codes. The items are plain or numbered.
Status TextColumn::open_table(ByteView bytes, uint64_t& budget) {
  if (bytes.size() < 16) return corrupt("a table of texts is cut short");
  const auto items = load_le<uint64_t>(bytes.data());
  const auto encoding = static_cast<Encoding>(load_le<uint16_t>(bytes.data() + 8));
  const auto length = load_le<uint32_t>(bytes.data() + 12);
  bytes = bytes.subspan(16);
  if (items > rows_ || length > bytes.size()) return corrupt("a table of texts is cut short");
  if (encoding != Encoding::kTextsPlain && encoding != Encoding::kTextsNumbered) {
    return corrupt("a table of texts has another encoding than tables have");
  }
  WEERBAAR_ASSIGN(TextColumn table, open(encoding, items, bytes.first(length), budget));
  text_ = std::move(table.text_);
  ends_ = std::move(table.ends_);
  return open_codes(bytes.subspan(length), items, budget);
}

Status TextColumn::open_codes(ByteView bytes, uint64_t items, uint64_t& budget) {
  WEERBAAR_ASSIGN(codes_, open_nested(bytes, rows_, budget));
  if (!bytes.empty()) return corrupt("a column of texts has bytes left over");
  if (!codes_.lies_below(items)) return corrupt("a code points outside its dictionary");
  return {};
}

// A list of `items` texts at the beginning of `bytes`, as a column of its own.
Result<TextColumn> TextColumn::take_list(ByteView& bytes, uint64_t items, uint64_t items_max, uint64_t& budget) {
  TextColumn list;
  list.encoding_ = Encoding::kTextsPlain;
  list.rows_ = items_max;
  WEERBAAR_TRY(list.open_list(bytes, items, budget));
  list.rows_ = items;
  return list;
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
    case Encoding::kTextsTable:
      WEERBAAR_TRY(column.open_table(bytes, budget));
      return column;
    case Encoding::kTextsNumbered:
      WEERBAAR_TRY(column.open_numbered(bytes, budget));
      return column;
    default:
      return corrupt("a column of texts has an unknown encoding: a newer program wrote it, or it is damaged");
  }
}

Status TextColumn::open_numbered(ByteView bytes, uint64_t& budget) {
  WEERBAAR_ASSIGN(const NumberedColumn numbered, NumberedColumn::open(rows_, bytes, budget));
  ends_.reserve(rows_);
  std::string text;
  for (uint64_t row = 0; row < rows_; ++row) {
    text.clear();
    numbered.append(row, text);
    WEERBAAR_TRY(spend(budget, text.size()));
    append(text_, as_bytes(text));
    ends_.push_back(text_.size());
  }
  encoding_ = Encoding::kTextsPlain;
  return {};
}

std::string_view TextColumn::at(uint64_t row) const {
  if (encoding_ == Encoding::kTextsConstant) return constant_;
  return item(encoding_ == Encoding::kTextsPlain ? row : static_cast<uint64_t>(codes_.at(row)));
}

std::string_view TextColumn::item(uint64_t item) const {
  if (encoding_ == Encoding::kTextsConstant) return constant_;
  const uint64_t start = item == 0 ? 0 : ends_[item - 1];
  return as_text(ByteView(text_)).substr(start, ends_[item] - start);
}

std::vector<uint32_t> TextColumn::item_numbers() const {
  std::vector<uint32_t> numbers(rows_, 0);
  if (encoding_ == Encoding::kTextsPlain) {
    for (uint64_t row = 0; row < rows_; ++row) numbers[row] = static_cast<uint32_t>(row);
  } else if (!is_constant()) {
    std::vector<int64_t> scratch;
    std::ranges::transform(codes_.all(scratch), numbers.begin(),
                           [](int64_t code) { return static_cast<uint32_t>(code); });
  }
  return numbers;
}

void TextColumn::rows_with_text(std::vector<uint32_t>& rows) const {
  if (is_constant() && constant_.empty()) return;
  if (encoding_ == Encoding::kTextsPlain || is_constant()) {
    for (uint64_t row = 0; row < rows_; ++row) {
      if (!at(row).empty()) rows.push_back(static_cast<uint32_t>(row));
    }
    return;
  }
  std::vector<bool> is_filled;
  is_filled.reserve(items());
  for (uint64_t i = 0; i < items(); ++i) is_filled.push_back(!item(i).empty());
  codes_.visit([&](uint64_t first, std::span<const int64_t> codes) {
    for (size_t i = 0; i < codes.size(); ++i) {
      if (is_filled[static_cast<size_t>(codes[i])]) rows.push_back(static_cast<uint32_t>(first + i));
    }
  });
}

namespace {

constexpr unsigned kNoNumber = 255;  // the width of a pattern that is the text itself
constexpr unsigned kDigitsOfAny = 20;

constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

unsigned digits_of(uint64_t value) {
  unsigned digits = 1;
  for (; value >= 10'000; value /= 10'000) digits += 4;
  return digits + (value >= 10 ? 1U : 0U) + (value >= 100 ? 1U : 0U) + (value >= 1'000 ? 1U : 0U);
}

// At least `width` digits, with zeros in front. Returns where they end.
uint8_t* write_digits(uint64_t value, unsigned width, uint8_t* to) {
  const unsigned digits = std::max(width, digits_of(value));
  uint8_t* at = to + digits;
  for (unsigned left = digits; left >= 2; left -= 2) {
    at -= 2;
    std::memcpy(at, kDigitPairs.data() + 2 * (value % 100), 2);
    value /= 100;
  }
  if (at != to) *to = static_cast<uint8_t>('0' + value % 10);
  return to + digits;
}

// What stands behind both is known to be readable and writable: most texts are short.
uint8_t* copy_short(const uint8_t* from, size_t size, uint8_t* to) {
  std::memcpy(to, from, NumberedColumn::kSpareBytes);
  if (size > NumberedColumn::kSpareBytes) std::memcpy(to, from, size);
  return to + size;
}

}  // namespace

// A pattern is a text of: one byte with the width of the number (0: written without leading zeros), one varint with the
// length of what stands before the number, and what stands before and after it. Width 255: no number, the text itself.
Status NumberedColumn::take_patterns(const TextColumn& list) {
  for (uint64_t code = 0; code < list.rows(); ++code) {
    ByteView text = as_bytes(list.at(code));
    if (text.empty()) return corrupt("a pattern is empty");
    Pattern pattern{};
    pattern.width = text[0];
    text = text.subspan(1);
    uint64_t before = 0;
    if (!take_varint(text, before) || before > text.size()) return corrupt("a pattern is damaged");
    if (pattern.width != kNoNumber && pattern.width > kDigitsMax) return corrupt("a pattern has too wide a number");
    pattern.begin = static_cast<uint32_t>(texts_.size());
    pattern.before_bytes = static_cast<uint32_t>(before);
    pattern.after_bytes = static_cast<uint32_t>(text.size() - before);
    if (texts_.size() + text.size() > UINT32_MAX) return corrupt("its patterns are too long");
    weerbaar::append(texts_, text);
    // Digits part what stands on both sides of them: no character reaches across.
    std::string example(as_text(text));
    if (pattern.width != kNoNumber) example.insert(before, 1, '0');
    are_texts_ = are_texts_ && !example.empty() && is_utf8(example);
    bytes_max_ = std::max(bytes_max_, text.size() + (pattern.width == kNoNumber ? 0 : kDigitsOfAny));
    patterns_.push_back(pattern);
  }
  texts_.resize(texts_.size() + kSpareBytes);
  return {};
}

// u64 patterns, a list of them, a nested column of pattern codes, and one of steps.
Result<NumberedColumn> NumberedColumn::open(uint64_t rows, ByteView bytes, uint64_t& budget) {
  NumberedColumn column;
  if (bytes.size() < 8) return corrupt("a numbered column is cut short");
  const auto patterns = load_le<uint64_t>(bytes.data());
  bytes = bytes.subspan(8);
  WEERBAAR_ASSIGN(const TextColumn list, TextColumn::take_list(bytes, patterns, rows, budget));
  WEERBAAR_ASSIGN(const IntegerColumn code_column, open_nested(bytes, rows, budget));
  WEERBAAR_ASSIGN(const IntegerColumn steps, open_nested(bytes, rows, budget));
  if (!bytes.empty()) return corrupt("a numbered column has bytes left over");
  WEERBAAR_TRY(column.take_patterns(list));
  // The writer counts the same.
  WEERBAAR_TRY(spend(budget, rows * sizeof(uint64_t)));
  std::vector<uint64_t> previous(patterns, 0);
  std::vector<int64_t> code_scratch;
  std::vector<int64_t> step_scratch;
  const auto codes = code_column.all(code_scratch);
  const auto all_steps = steps.all(step_scratch);
  column.rows_.resize(rows);
  column.number_bits_ = 63 - static_cast<unsigned>(std::bit_width(patterns));
  const uint64_t number_max = column.number_max();
  uint64_t all_bits = 0;
  for (uint64_t row = 0; row < rows; ++row) {
    const auto code = static_cast<uint64_t>(codes[row]);
    if (code >= patterns) return corrupt("a code points outside its patterns");
    const uint64_t number = previous[code] += static_cast<uint64_t>(all_steps[row]);
    all_bits |= number;
    column.rows_[row] = code << column.number_bits_ | (number & number_max);
  }
  if (all_bits > number_max) column.take_numbers(codes, all_steps, previous);
  return column;
}

void NumberedColumn::take_numbers(std::span<const int64_t> codes, std::span<const int64_t> steps,
                                  std::vector<uint64_t>& previous) {
  std::ranges::fill(previous, 0);
  numbers_.resize(codes.size());
  for (size_t row = 0; row < codes.size(); ++row) {
    numbers_[row] = previous[static_cast<size_t>(codes[row])] += static_cast<uint64_t>(steps[row]);
  }
}

uint8_t* NumberedColumn::write(uint64_t row, uint8_t* to) const {
  const Pattern& pattern = patterns_[rows_[row] >> number_bits_];
  const uint8_t* const from = texts_.data() + pattern.begin;
  to = copy_short(from, pattern.before_bytes, to);
  if (pattern.width != kNoNumber) to = write_digits(number(row), pattern.width, to);
  if (pattern.after_bytes == 0) return to;
  return copy_short(from + pattern.before_bytes, pattern.after_bytes, to);
}

void NumberedColumn::append(uint64_t row, std::string& text) const {
  const size_t begin = text.size();
  text.resize(begin + bytes_max_ + kSpareBytes);
  auto* const data = reinterpret_cast<uint8_t*>(text.data());
  text.resize(static_cast<size_t>(write(row, data + begin) - data));
}

}  // namespace weerbaar::trail

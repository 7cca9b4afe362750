#include "trail/store/column_writer.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "trail/store/numbered_text.h"

namespace weerbaar::trail {
namespace {

constexpr int kZstdLevel = 3;
// Beyond this share of distinct texts a dictionary costs more than it saves.
constexpr size_t kDictionaryShare = 2;
constexpr size_t kPatternShare = 16;

// Widths of 57–63 bits are read as 64: a value must fit one unaligned word.
unsigned width_of(uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  return width > 56 ? 64 : width;
}

class BitWriter {
 public:
  explicit BitWriter(Bytes& out) : out_(out) {}
  void write(uint64_t value, unsigned width) {
    if (width == 64) {
      WEERBAAR_CHECK(used_ == 0);
      append_le(out_, value);
      return;
    }
    word_ |= value << used_;
    used_ += width;
    while (used_ >= 8) {
      out_.push_back(static_cast<uint8_t>(word_));
      word_ >>= 8U;
      used_ -= 8;
    }
  }
  void flush() {
    if (used_ > 0) out_.push_back(static_cast<uint8_t>(word_));
    word_ = 0;
    used_ = 0;
  }

 private:
  Bytes& out_;
  uint64_t word_ = 0;
  unsigned used_ = 0;
};

void append_varint(Bytes& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<uint8_t>(value | 0x80U));
  out.push_back(static_cast<uint8_t>(value));
}

void append_nested(EncodedColumn& to, const EncodedColumn& column) {
  WEERBAAR_CHECK(column.bytes.size() <= UINT32_MAX);
  append_le(to.bytes, static_cast<uint16_t>(column.encoding));
  append_le(to.bytes, uint16_t{0});
  append_le(to.bytes, static_cast<uint32_t>(column.bytes.size()));
  append(to.bytes, column.bytes);
  to.grows_to += column.grows_to;
}

// Whether the reader lays the texts of a numbered column out in memory.
enum class Laid : uint8_t { kOut, kNot };

struct TextHash {
  size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
};

// Raw size, stored size (0: as it is), bytes. Returns what it grows to.
uint64_t append_compressed(Bytes& out, ByteView raw, Packing packing) {
  Bytes packed;
  bool smaller = false;
  if (packing == Packing::kTight) {
    thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    packed.resize(ZSTD_compressBound(raw.size()));
    const size_t size =
        ZSTD_compressCCtx(context.get(), packed.data(), packed.size(), raw.data(), raw.size(), kZstdLevel);
    smaller = ZSTD_isError(size) == 0 && size < raw.size();
    packed.resize(smaller ? size : 0);
  }
  append_le(out, static_cast<uint64_t>(raw.size()));
  append_le(out, static_cast<uint64_t>(packed.size()));
  append(out, smaller ? ByteView(packed) : raw);
  return smaller ? raw.size() : 0;
}

void append_list(EncodedColumn& column, std::span<const std::string_view> texts, Packing packing) {
  Bytes raw;
  for (const std::string_view text : texts) append_varint(raw, text.size());
  for (const std::string_view text : texts) append(raw, as_bytes(text));
  column.grows_to += append_compressed(column.bytes, raw, packing);
}

EncodedColumn encode_plain(std::span<const std::string_view> texts, Packing packing) {
  EncodedColumn column{Encoding::kTextsPlain, {}};
  append_list(column, texts, packing);
  return column;
}

std::optional<EncodedColumn> encode_numbered(std::span<const std::string_view> texts, Laid laid);

// Distinct texts, and codes into them.
struct Coded {
  std::vector<std::string_view> distinct;  // ascending
  std::vector<int64_t> codes;
};

std::optional<Coded> code(std::span<const std::string_view> texts) {
  Coded coded;
  std::unordered_map<std::string_view, int64_t, TextHash> codes;
  coded.codes.reserve(texts.size());
  std::string_view last;
  int64_t last_code = -1;
  for (const std::string_view text : texts) {
    if (last_code < 0 || text != last) {
      const auto [found, added] = codes.try_emplace(text, static_cast<int64_t>(codes.size()));
      if (added && codes.size() > texts.size() / kDictionaryShare + 1) return std::nullopt;
      if (added) coded.distinct.push_back(text);
      last = text;
      last_code = found->second;
    }
    coded.codes.push_back(last_code);
  }
  std::vector<int64_t> order(coded.distinct.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return coded.distinct[static_cast<size_t>(a)] < coded.distinct[static_cast<size_t>(b)];
  });
  std::vector<int64_t> rank(order.size());
  std::vector<std::string_view> sorted;
  for (const int64_t old : order) {
    rank[static_cast<size_t>(old)] = static_cast<int64_t>(sorted.size());
    sorted.push_back(coded.distinct[static_cast<size_t>(old)]);
  }
  coded.distinct = std::move(sorted);
  for (int64_t& value : coded.codes) value = rank[static_cast<size_t>(value)];
  return coded;
}

EncodedColumn encode_dictionary(const Coded& coded, Packing packing) {
  EncodedColumn column{Encoding::kTextsDictionary, {}};
  append_le(column.bytes, static_cast<uint64_t>(coded.distinct.size()));
  append_list(column, coded.distinct, packing);
  append_nested(column, encode_integers(coded.codes, packing));
  return column;
}

// Only where the distinct texts count: then a step each is all that they cost.
std::optional<EncodedColumn> encode_table(const Coded& coded) {
  auto items = encode_numbered(coded.distinct, Laid::kOut);
  if (!items) return std::nullopt;
  EncodedColumn column{Encoding::kTextsTable, {}};
  append_le(column.bytes, static_cast<uint64_t>(coded.distinct.size()));
  append_nested(column, *items);
  append_nested(column, encode_integers(coded.codes));
  return column;
}

void pattern_of(const NumberedText& parts, std::string& pattern) {
  pattern.clear();
  pattern.push_back(static_cast<char>(parts.width));
  Bytes length;
  append_varint(length, parts.before.size());
  pattern.append(as_text(length));
  pattern.append(parts.before);
  pattern.append(parts.after);
}

std::optional<EncodedColumn> encode_numbered(std::span<const std::string_view> texts, Laid laid) {
  std::unordered_map<std::string, size_t, TextHash> codes;
  std::vector<uint64_t> previous;
  std::vector<int64_t> rows;
  std::vector<int64_t> steps;
  rows.reserve(texts.size());
  steps.reserve(texts.size());
  std::string pattern;
  std::string last;
  size_t code = 0;
  for (const std::string_view text : texts) {
    const NumberedText parts = split_number(text);
    pattern_of(parts, pattern);
    if (rows.empty() || pattern != last) {
      const auto [found, added] = codes.try_emplace(pattern, codes.size());
      if (added) {
        if (codes.size() > texts.size() / kPatternShare + 1) return std::nullopt;
        previous.push_back(0);
      }
      code = found->second;
      last = pattern;
    }
    rows.push_back(static_cast<int64_t>(code));
    steps.push_back(parts.width == kNoNumber ? 0 : static_cast<int64_t>(parts.number - previous[code]));
    if (parts.width != kNoNumber) previous[code] = parts.number;
  }
  std::vector<std::string_view> patterns(codes.size());
  for (const auto& [text, number] : codes) patterns[number] = text;
  EncodedColumn column{Encoding::kTextsNumbered, {}};
  append_le(column.bytes, static_cast<uint64_t>(patterns.size()));
  append_list(column, patterns, Packing::kTight);
  append_nested(column, encode_integers(rows));
  append_nested(column, encode_integers(steps));
  column.grows_to += texts.size() * sizeof(uint64_t);
  if (laid == Laid::kOut) {
    for (const std::string_view text : texts) column.grows_to += text.size();
  }
  return column;
}

// The shape of a packed column: what it would take, known before it is written.
struct Packed {
  uint64_t base = 0;
  uint64_t scale = 1;
  std::vector<uint64_t> lows;  // of each block, scaled
  std::vector<uint8_t> widths;
  unsigned base_bits = 0;
  uint64_t bytes = 0;
};

// The greatest common divisor of all that lies above `base`. Modulo 2^64, which is exact whatever the signs.
uint64_t scale_of(std::span<const int64_t> values, uint64_t base) {
  uint64_t scale = 0;
  for (const int64_t value : values) {
    const uint64_t above = static_cast<uint64_t>(value) - base;
    // Most values are multiples already, which is quicker to see than to compute.
    if (scale != 0 && (scale & (scale - 1)) == 0 ? (above & (scale - 1)) == 0 : scale != 0 && above % scale == 0)
      continue;
    scale = std::gcd(scale, above);
    if (scale == 1) break;
  }
  return scale == 0 ? 1 : scale;
}

Packed pack(std::span<const int64_t> values) {
  Packed packed;
  const size_t blocks = (values.size() + kColumnBlockRows - 1) / kColumnBlockRows;
  std::vector<std::pair<int64_t, int64_t>> ranges(blocks);
  int64_t low = values[0];
  for (size_t block = 0; block < blocks; ++block) {
    const auto part = values.subspan(block * kColumnBlockRows)
                          .first(std::min(kColumnBlockRows, values.size() - block * kColumnBlockRows));
    int64_t part_low = part[0];
    int64_t part_high = part[0];
    for (const int64_t value : part) {
      part_low = std::min(part_low, value);
      part_high = std::max(part_high, value);
    }
    ranges[block] = {part_low, part_high};
    low = std::min(low, part_low);
  }
  packed.base = static_cast<uint64_t>(low);
  packed.scale = scale_of(values, packed.base);
  packed.bytes = 8 + 8 + 1 + blocks + 8;
  uint64_t lows_max = 0;
  for (size_t block = 0; block < blocks; ++block) {
    const uint64_t part_low = (static_cast<uint64_t>(ranges[block].first) - packed.base) / packed.scale;
    const uint64_t part_high = (static_cast<uint64_t>(ranges[block].second) - packed.base) / packed.scale;
    const uint64_t rows = std::min(kColumnBlockRows, values.size() - block * kColumnBlockRows);
    packed.lows.push_back(part_low);
    packed.widths.push_back(static_cast<uint8_t>(width_of(part_high - part_low)));
    packed.bytes += (rows * packed.widths.back() + 7) / 8;
    lows_max = std::max(lows_max, part_low);
  }
  packed.base_bits = width_of(lows_max);
  packed.bytes += (blocks * packed.base_bits + 7) / 8;
  return packed;
}

EncodedColumn write_packed(std::span<const int64_t> values, const Packed& packed) {
  EncodedColumn column{Encoding::kIntegersPacked, {}};
  column.bytes.reserve(packed.bytes);
  append_le(column.bytes, packed.base);
  append_le(column.bytes, packed.scale);
  column.bytes.push_back(static_cast<uint8_t>(packed.base_bits));
  append(column.bytes, packed.widths);
  BitWriter bits(column.bytes);
  for (const uint64_t low : packed.lows) bits.write(low, packed.base_bits);
  bits.flush();
  for (size_t block = 0; block < packed.lows.size(); ++block) {
    const size_t first = block * kColumnBlockRows;
    const unsigned width = packed.widths[block];
    const uint64_t low = packed.base + packed.scale * packed.lows[block];
    for (const int64_t value : values.subspan(first).first(std::min(kColumnBlockRows, values.size() - first))) {
      const uint64_t above = static_cast<uint64_t>(value) - low;
      bits.write(packed.scale == 1 ? above : above / packed.scale, width);
    }
    bits.flush();
  }
  column.bytes.resize(column.bytes.size() + 8);
  return column;
}

bool are_all_equal(std::span<const int64_t> values) {
  return std::all_of(values.begin(), values.end(), [&](int64_t value) { return value == values[0]; });
}

// Constant or packed.
EncodedColumn encode_part(std::span<const int64_t> values) {
  if (!values.empty() && !are_all_equal(values)) return write_packed(values, pack(values));
  EncodedColumn column{Encoding::kIntegersConstant, {}};
  append_le(column.bytes, values.empty() ? uint64_t{0} : static_cast<uint64_t>(values[0]));
  return column;
}

constexpr size_t kNestedHeadBytes = 8;

struct Runs {
  std::vector<int64_t> values;
  std::vector<int64_t> lengths;
};

// Nothing when they are too many to pay.
std::optional<Runs> runs_of(std::span<const int64_t> values) {
  constexpr size_t kRunsShare = 2;
  size_t count = 1;
  for (size_t row = 1; row < values.size(); ++row) count += values[row] != values[row - 1] ? 1U : 0U;
  if (count > values.size() / kRunsShare) return std::nullopt;
  Runs runs;
  runs.values.reserve(count);
  runs.lengths.reserve(count);
  for (size_t row = 0; row < values.size(); ++row) {
    if (row == 0 || values[row] != values[row - 1]) {
      runs.values.push_back(values[row]);
      runs.lengths.push_back(0);
    }
    ++runs.lengths.back();
  }
  return runs;
}

std::optional<EncodedColumn> encode_runs(std::span<const int64_t> values, uint64_t bytes_max) {
  const auto runs = runs_of(values);
  if (!runs) return std::nullopt;
  EncodedColumn column{Encoding::kIntegersRuns, {}};
  append_le(column.bytes, static_cast<uint64_t>(runs->values.size()));
  append_nested(column, encode_part(runs->values));
  append_nested(column, encode_part(runs->lengths));
  column.grows_to += values.size() * sizeof(int64_t);
  if (column.bytes.size() >= bytes_max) return std::nullopt;
  return column;
}

std::optional<EncodedColumn> encode_steps(std::span<const int64_t> values, uint64_t bytes_max) {
  if (values.size() < 2) return std::nullopt;
  std::vector<int64_t> steps(values.size() - 1);
  for (size_t row = 1; row < values.size(); ++row) {
    steps[row - 1] = static_cast<int64_t>(static_cast<uint64_t>(values[row]) - static_cast<uint64_t>(values[row - 1]));
  }
  EncodedColumn column{Encoding::kIntegersSteps, {}};
  append_le(column.bytes, static_cast<uint64_t>(values[0]));
  if (are_all_equal(steps)) {
    append_nested(column, encode_part(steps));
  } else {
    const Packed packed = pack(steps);
    if (8 + kNestedHeadBytes + packed.bytes >= bytes_max) return std::nullopt;
    append_nested(column, write_packed(steps, packed));
  }
  column.grows_to += values.size() * sizeof(int64_t);
  return column;
}

}  // namespace

EncodedColumn encode_integers(std::span<const int64_t> values, Packing packing) {
  if (values.empty() || are_all_equal(values)) return encode_part(values);
  const Packed packed = pack(values);
  if (packing == Packing::kTight) {
    auto runs = encode_runs(values, packed.bytes);
    auto steps = encode_steps(values, runs ? runs->bytes.size() : packed.bytes);
    if (steps) return std::move(*steps);
    if (runs) return std::move(*runs);
  }
  return write_packed(values, packed);
}

EncodedColumn encode_integers_16(std::span<const uint32_t> values) {
  EncodedColumn column{Encoding::kIntegers16, {}};
  column.bytes.resize(values.size() * 2);
  for (size_t i = 0; i < values.size(); ++i) {
    WEERBAAR_CHECK(values[i] <= UINT16_MAX);
    store_le(column.bytes.data() + i * 2, static_cast<uint16_t>(values[i]));
  }
  return column;
}

namespace {

bool are_all_equal(std::span<const std::string_view> texts) {
  return std::all_of(texts.begin(), texts.end(), [&](std::string_view text) { return text == texts[0]; });
}

}  // namespace

EncodedColumn encode_texts(std::span<const std::string_view> texts, Packing packing) {
  if (are_all_equal(texts)) {
    EncodedColumn column{Encoding::kTextsConstant, {}};
    if (!texts.empty()) append(column.bytes, as_bytes(texts[0]));
    return column;
  }
  std::optional<EncodedColumn> best;
  const auto offer = [&best](std::optional<EncodedColumn> column) {
    if (column && (!best || column->bytes.size() < best->bytes.size())) best = std::move(column);
  };
  if (const auto coded = code(texts)) {
    offer(encode_dictionary(*coded, packing));
    if (packing == Packing::kTight) offer(encode_table(*coded));
  }
  if (packing == Packing::kTight) offer(encode_numbered(texts, Laid::kOut));
  return best ? std::move(*best) : encode_plain(texts, packing);
}

EncodedColumn encode_ids(std::span<const std::string_view> ids, Packing packing) {
  if (packing == Packing::kTight && !are_all_equal(ids)) {
    if (auto numbered = encode_numbered(ids, Laid::kNot)) return std::move(*numbered);
  }
  return encode_texts(ids, packing);
}

}  // namespace weerbaar::trail

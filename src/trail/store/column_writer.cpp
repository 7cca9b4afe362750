#include "trail/store/column_writer.h"

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

void append_nested(Bytes& out, const EncodedColumn& column) {
  WEERBAAR_CHECK(column.bytes.size() <= UINT32_MAX);
  append_le(out, static_cast<uint16_t>(column.encoding));
  append_le(out, uint16_t{0});
  append_le(out, static_cast<uint32_t>(column.bytes.size()));
  append(out, column.bytes);
}

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

std::optional<EncodedColumn> encode_dictionary(std::span<const std::string_view> texts, Packing packing) {
  std::unordered_map<std::string_view, int64_t> codes;
  for (const std::string_view text : texts) {
    codes.try_emplace(text, 0);
    if (codes.size() > texts.size() / kDictionaryShare + 1) return std::nullopt;
  }
  std::vector<std::string_view> distinct;
  distinct.reserve(codes.size());
  for (const auto& [text, code] : codes) distinct.push_back(text);
  std::sort(distinct.begin(), distinct.end());
  for (size_t i = 0; i < distinct.size(); ++i) codes[distinct[i]] = static_cast<int64_t>(i);
  std::vector<int64_t> rows;
  rows.reserve(texts.size());
  for (const std::string_view text : texts) rows.push_back(codes[text]);

  EncodedColumn column{Encoding::kTextsDictionary, {}};
  append_le(column.bytes, static_cast<uint64_t>(distinct.size()));
  append_list(column, distinct, packing);
  append_nested(column.bytes, encode_integers(rows));
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

std::optional<EncodedColumn> encode_numbered(std::span<const std::string_view> texts) {
  std::unordered_map<std::string, size_t> codes;
  std::vector<uint64_t> previous;
  std::vector<int64_t> rows;
  std::vector<int64_t> steps;
  rows.reserve(texts.size());
  steps.reserve(texts.size());
  std::string pattern;
  for (const std::string_view text : texts) {
    const NumberedText parts = split_number(text);
    pattern_of(parts, pattern);
    const auto [found, added] = codes.try_emplace(pattern, codes.size());
    if (added) {
      if (codes.size() > texts.size() / kPatternShare + 1) return std::nullopt;
      previous.push_back(0);
    }
    const size_t code = found->second;
    rows.push_back(static_cast<int64_t>(code));
    steps.push_back(parts.width == kNoNumber ? 0 : static_cast<int64_t>(parts.number - previous[code]));
    if (parts.width != kNoNumber) previous[code] = parts.number;
  }
  std::vector<std::string_view> patterns(codes.size());
  for (const auto& [text, code] : codes) patterns[code] = text;
  EncodedColumn column{Encoding::kTextsNumbered, {}};
  append_le(column.bytes, static_cast<uint64_t>(patterns.size()));
  append_list(column, patterns, Packing::kTight);
  for (const std::string_view text : texts) column.grows_to += text.size();
  append_nested(column.bytes, encode_integers(rows));
  append_nested(column.bytes, encode_integers(steps));
  return column;
}

}  // namespace

EncodedColumn encode_integers(std::span<const int64_t> values) {
  EncodedColumn column{Encoding::kIntegersConstant, {}};
  if (values.empty() || std::all_of(values.begin(), values.end(), [&](int64_t v) { return v == values[0]; })) {
    append_le(column.bytes, values.empty() ? uint64_t{0} : static_cast<uint64_t>(values[0]));
    return column;
  }
  column.encoding = Encoding::kIntegersPacked;
  // All arithmetic is modulo 2^64, which is exact whatever the signs.
  const auto base = static_cast<uint64_t>(*std::min_element(values.begin(), values.end()));
  uint64_t scale = 0;
  for (const int64_t value : values) {
    scale = std::gcd(scale, static_cast<uint64_t>(value) - base);
    if (scale == 1) break;
  }
  const auto scaled = [&](int64_t value) { return (static_cast<uint64_t>(value) - base) / scale; };

  const size_t blocks = (values.size() + kColumnBlockRows - 1) / kColumnBlockRows;
  std::vector<uint64_t> bases(blocks);
  std::vector<uint8_t> widths(blocks);
  const auto block_of = [&](size_t block) {
    const size_t first = block * kColumnBlockRows;
    return values.subspan(first, std::min(kColumnBlockRows, values.size() - first));
  };
  for (size_t block = 0; block < blocks; ++block) {
    const auto [low, high] = std::minmax_element(block_of(block).begin(), block_of(block).end());
    bases[block] = scaled(*low);
    widths[block] = static_cast<uint8_t>(width_of(scaled(*high) - bases[block]));
  }
  const unsigned base_bits = width_of(*std::max_element(bases.begin(), bases.end()));

  append_le(column.bytes, base);
  append_le(column.bytes, scale);
  column.bytes.push_back(static_cast<uint8_t>(base_bits));
  append(column.bytes, widths);
  BitWriter bits(column.bytes);
  for (const uint64_t block_base : bases) bits.write(block_base, base_bits);
  bits.flush();
  for (size_t block = 0; block < blocks; ++block) {
    for (const int64_t value : block_of(block)) bits.write(scaled(value) - bases[block], widths[block]);
    bits.flush();
  }
  column.bytes.resize(column.bytes.size() + 8);
  return column;
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

EncodedColumn encode_texts(std::span<const std::string_view> texts, Packing packing) {
  if (texts.empty() || std::all_of(texts.begin(), texts.end(), [&](auto text) { return text == texts[0]; })) {
    EncodedColumn column{Encoding::kTextsConstant, {}};
    if (!texts.empty()) append(column.bytes, as_bytes(texts[0]));
    return column;
  }
  std::optional<EncodedColumn> best = encode_dictionary(texts, packing);
  if (packing == Packing::kTight) {
    auto numbered = encode_numbered(texts);
    if (numbered && (!best || numbered->bytes.size() < best->bytes.size())) best = std::move(numbered);
  }
  if (best) return std::move(*best);
  return encode_plain(texts, packing);
}

}  // namespace weerbaar::trail

#include "trail/store/column_writer.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "trail/store/numbered_text.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {
namespace {

constexpr int kZstdLevel = 3;
// Beyond this share of distinct texts a dictionary costs more than it saves.
constexpr size_t kDictionaryShare = 2;
constexpr size_t kPatternShare = 16;

void append_varint(Bytes& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<uint8_t>(value | 0x80U));
  out.push_back(static_cast<uint8_t>(value));
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

// How many bytes all texts begin with.
size_t common_prefix(const std::vector<std::string_view>& texts) {
  size_t length = texts[0].size();
  for (const std::string_view text : texts) {
    length = std::min(length, text.size());
    if (std::memcmp(text.data(), texts[0].data(), length) == 0) continue;
    length = static_cast<size_t>(std::ranges::mismatch(text, texts[0].substr(0, length)).in1 - text.begin());
  }
  return length;
}

// Nothing when too few texts repeat.
std::optional<Coded> code(std::span<const std::string_view> texts) {
  Coded coded;
  ValueTable<std::string_view> table;
  coded.codes.reserve(texts.size());
  std::string_view last;
  uint32_t last_code = 0;
  for (const std::string_view text : texts) {
    if (coded.codes.empty() || text != last) {
      last_code = table.code(XXH3_64bits(text.data(), text.size()), text);
      if (table.values().size() > texts.size() / kDictionaryShare + 1) return std::nullopt;
      last = text;
    }
    coded.codes.push_back(last_code);
  }
  coded.distinct = table.values();
  // The empty text, if there, would leave the others without anything in common.
  const auto empty = std::ranges::find(coded.distinct, std::string_view());
  std::vector<std::string_view> filled = coded.distinct;
  if (empty != coded.distinct.end()) filled.erase(filled.begin() + (empty - coded.distinct.begin()));
  const size_t prefix = filled.empty() ? 0 : common_prefix(filled);
  const std::vector<uint32_t> rank = sort_values(coded.distinct, [prefix](std::string_view text) {
    return text.empty() ? 0 : leading_bytes(text.substr(prefix));
  });
  for (int64_t& value : coded.codes) value = rank[static_cast<size_t>(value)];
  return coded;
}

// Where the texts count, a step each is all that they cost, and no compression comes near: it is not even tried.
bool is_lean(const EncodedColumn& numbered, size_t texts) {
  constexpr size_t kBytesOfText = 2;
  constexpr size_t kBytesAlways = 256;
  return numbered.bytes.size() <= kBytesOfText * texts + kBytesAlways;
}

// As a dictionary, or with its texts as a column of their own.
EncodedColumn encode_coded(const Coded& coded, Packing packing) {
  const EncodedColumn codes = encode_integers(coded.codes, packing);
  EncodedColumn table{Encoding::kTextsTable, {}};
  append_le(table.bytes, static_cast<uint64_t>(coded.distinct.size()));
  std::optional<EncodedColumn> numbered;
  if (packing == Packing::kTight) numbered = encode_numbered(coded.distinct, Laid::kOut);
  if (numbered) append_nested(table, *numbered);
  if (!numbered || !is_lean(*numbered, coded.distinct.size())) {
    EncodedColumn dictionary{Encoding::kTextsDictionary, {}};
    append_le(dictionary.bytes, static_cast<uint64_t>(coded.distinct.size()));
    append_list(dictionary, coded.distinct, packing);
    if (!numbered || dictionary.bytes.size() <= table.bytes.size()) table = std::move(dictionary);
  }
  append_nested(table, codes);
  return table;
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

// Nothing when there are too many patterns.
std::optional<EncodedColumn> encode_numbered(std::span<const std::string_view> texts, Laid laid) {
  std::unordered_map<std::string, size_t, TextHash> codes;
  std::vector<uint64_t> previous;
  std::vector<int64_t> rows;
  std::vector<int64_t> steps;
  rows.reserve(texts.size());
  steps.reserve(texts.size());
  std::string pattern;
  NumberedText last;
  size_t code = 0;
  for (size_t row = 0; row < texts.size(); ++row) {
    // Texts that come in another order than they lie in memory are waited for, unless they were asked for before.
    constexpr size_t kAhead = 12;
    if (row + kAhead < texts.size()) __builtin_prefetch(texts[row + kAhead].data());
    const NumberedText parts = split_number(texts[row]);
    if (rows.empty() || parts.width != last.width || parts.before != last.before || parts.after != last.after) {
      pattern_of(parts, pattern);
      const auto [found, added] = codes.try_emplace(pattern, codes.size());
      if (added) {
        if (codes.size() > texts.size() / kPatternShare + 1) return std::nullopt;
        previous.push_back(0);
      }
      code = found->second;
    }
    last = parts;
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

namespace {

bool are_all_equal(std::span<const std::string_view> texts) {
  return std::all_of(texts.begin(), texts.end(), [&](std::string_view text) { return text == texts[0]; });
}

}  // namespace

}  // namespace

EncodedColumn encode_texts(std::span<const std::string_view> texts, Packing packing) {
  if (are_all_equal(texts)) {
    EncodedColumn column{Encoding::kTextsConstant, {}};
    if (!texts.empty()) append(column.bytes, as_bytes(texts[0]));
    return column;
  }
  if (const auto coded = code(texts)) return encode_coded(*coded, packing);
  if (packing == Packing::kTight) {
    if (auto numbered = encode_numbered(texts, Laid::kOut)) return std::move(*numbered);
  }
  return encode_plain(texts, packing);
}

EncodedColumn encode_ids(std::span<const std::string_view> ids, Packing packing) {
  if (packing == Packing::kTight && !are_all_equal(ids)) {
    if (auto numbered = encode_numbered(ids, Laid::kNot)) return std::move(*numbered);
  }
  return encode_texts(ids, packing);
}

}  // namespace weerbaar::trail

// The distinct values of a column, numbered as they come: a code for each.
#pragma once

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace weerbaar::trail {

// The first bytes of a text as a number, so that texts whose numbers differ compare as those do.
inline uint64_t leading_bytes(std::string_view text) {
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) {
    number = number << 8U | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0U);
  }
  return number;
}

// The places 0 … keys.size() - 1 in the order of their keys, equal ones as they stand. Radix sort from the lowest byte
// up; bytes that are the same in all keys cost nothing.
inline std::vector<uint32_t> order_by(std::span<const uint64_t> keys) {
  constexpr size_t kDigits = 256;
  std::vector<uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0U);
  uint64_t differing = 0;
  for (const uint64_t key : keys) differing |= key ^ keys[0];
  std::vector<uint32_t> sorted(keys.size());
  for (unsigned shift = 0; shift < 64; shift += 8) {
    if ((differing >> shift & (kDigits - 1)) == 0) continue;
    std::array<uint32_t, kDigits + 1> next{};
    for (const uint64_t key : keys) ++next[(key >> shift & (kDigits - 1)) + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    for (const uint32_t place : order) sorted[next[keys[place] >> shift & (kDigits - 1)]++] = place;
    order.swap(sorted);
  }
  return order;
}

// Puts in order what `is_less` tells apart among those that have the same key.
template <class Less>
void settle_ties(std::span<const uint64_t> keys, std::span<uint32_t> order, Less is_less) {
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && keys[order[end]] == keys[order[begin]]) ++end;
    if (end - begin > 1) {
      std::sort(order.begin() + static_cast<long>(begin), order.begin() + static_cast<long>(end), is_less);
    }
  }
}

// Puts the values in ascending order and gives the new place of each old one. `key_of` gives a number that never falls
// when the value rises: most comparisons end there.
template <class Value, class KeyOf>
std::vector<uint32_t> sort_values(std::vector<Value>& values, KeyOf key_of) {
  std::vector<uint64_t> keys;
  keys.reserve(values.size());
  for (const Value& value : values) keys.push_back(key_of(value));
  std::vector<uint32_t> order = order_by(keys);
  settle_ties(keys, order, [&values](uint32_t a, uint32_t b) { return values[a] < values[b]; });
  std::vector<uint32_t> renumbered(order.size());
  std::vector<Value> sorted;
  sorted.reserve(order.size());
  for (uint32_t rank = 0; rank < order.size(); ++rank) {
    renumbered[order[rank]] = rank;
    sorted.push_back(values[order[rank]]);
  }
  values = std::move(sorted);
  return renumbered;
}

// `Value` is cheap to copy, and compared with == and <. Grows without end: its user bounds the rows.
template <class Value>
class ValueTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The code of the value, whose hash is that of all equal values; kNone when it is not there.
  [[nodiscard]] uint32_t find(uint64_t hash, const Value& value) const {
    if (slots_.empty()) return kNone;
    const auto mark = static_cast<uint32_t>(hash >> 32U);
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.code == kNone || (slot.mark == mark && values_[slot.code] == value)) return slot.code;
    }
  }
  // That this hash will be asked for soon.
  void expect(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  // The first value whose hash may be this one, not looked at; kNone when there is none.
  [[nodiscard]] uint32_t likely(uint64_t hash) const {
    if (slots_.empty()) return kNone;
    const auto mark = static_cast<uint32_t>(hash >> 32U);
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].code != kNone && slots_[at].mark != mark) at = (at + 1) & (slots_.size() - 1);
    return slots_[at].code;
  }
  // A value that is not there.
  uint32_t add(uint64_t hash, const Value& value) {
    const auto code = static_cast<uint32_t>(values_.size());
    values_.push_back(value);
    hashes_.push_back(hash);
    if (values_.size() * 2 > slots_.size()) {
      grow();
    } else {
      place(code);
    }
    return code;
  }
  uint32_t code(uint64_t hash, const Value& value) {
    const uint32_t known = find(hash, value);
    return known != kNone ? known : add(hash, value);
  }

  // As sort_values(). No code() afterwards.
  template <class KeyOf>
  std::vector<uint32_t> sort(KeyOf key_of) {
    slots_.clear();
    hashes_.clear();
    return sort_values(values_, key_of);
  }

  // By code.
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

 private:
  struct Slot {
    uint32_t mark = 0;  // the upper half of the hash
    uint32_t code = kNone;
  };

  void grow() {
    slots_.assign(std::max<size_t>(1'024, slots_.size() * 2), {});
    for (uint32_t code = 0; code < values_.size(); ++code) place(code);
  }
  void place(uint32_t code) {
    size_t at = hashes_[code] & (slots_.size() - 1);
    while (slots_[at].code != kNone) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<uint32_t>(hashes_[code] >> 32U), code};
  }

  std::vector<Slot> slots_;  // a power of two
  std::vector<Value> values_;
  std::vector<uint64_t> hashes_;  // of the values
};

// The same for texts, which it copies.
class TextTable {
 public:
  // Texts looked up together: so many wait for memory at once.
  static constexpr size_t kTogetherMax = 32;
  static constexpr uint32_t kNone = ValueTable<std::string_view>::kNone;

  // The code of each text; at most kTogetherMax of them. A table of a segment does not fit the nearest cache, and a
  // text looked up alone would wait for memory three times: for its slot, its place and its bytes.
  void find_codes(std::span<const std::string_view> texts, std::span<uint32_t> codes) {
    WEERBAAR_CHECK(codes.size() == texts.size());
    Hashes hashes;
    expect(texts, hashes);
    for (size_t i = 0; i < texts.size(); ++i) {
      const uint32_t known = table_.find(hashes[i], texts[i]);
      codes[i] = known != kNone ? known : table_.add(hashes[i], keep(texts[i]));
    }
  }
  // The same of any number of texts, and kNone of those that are not there.
  void find_all(std::span<const std::string_view> texts, std::span<uint32_t> codes) const {
    WEERBAAR_CHECK(codes.size() == texts.size());
    Hashes hashes;
    for (size_t begin = 0; begin < texts.size(); begin += kTogetherMax) {
      const std::span some = texts.subspan(begin, std::min(kTogetherMax, texts.size() - begin));
      expect(some, hashes);
      for (size_t i = 0; i < some.size(); ++i) codes[begin + i] = table_.find(hashes[i], some[i]);
    }
  }
  // That of one alone.
  uint32_t code(std::string_view text) {
    uint32_t code = 0;
    find_codes({&text, 1}, {&code, 1});
    return code;
  }
  // kNone when it is not there.
  [[nodiscard]] uint32_t find(std::string_view text) const {
    return table_.find(XXH3_64bits(text.data(), text.size()), text);
  }
  // By code; they live as long as the table.
  [[nodiscard]] const std::vector<std::string_view>& values() const { return table_.values(); }

 private:
  static constexpr size_t kChunkBytes = size_t{64} << 10U;
  using Hashes = std::array<uint64_t, kTogetherMax>;

  // Fetches from memory what find() will look at.
  void expect(std::span<const std::string_view> texts, Hashes& hashes) const {
    WEERBAAR_CHECK(texts.size() <= kTogetherMax);
    std::array<uint32_t, kTogetherMax> likely;
    for (size_t i = 0; i < texts.size(); ++i) {
      hashes[i] = XXH3_64bits(texts[i].data(), texts[i].size());
      table_.expect(hashes[i]);
    }
    for (size_t i = 0; i < texts.size(); ++i) {
      likely[i] = table_.likely(hashes[i]);
      if (likely[i] != kNone) __builtin_prefetch(&table_.values()[likely[i]]);
    }
    for (size_t i = 0; i < texts.size(); ++i) {
      if (likely[i] != kNone) __builtin_prefetch(table_.values()[likely[i]].data());
    }
  }
  std::string_view keep(std::string_view text) {
    if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < text.size()) {
      chunks_.emplace_back().reserve(std::max(kChunkBytes, text.size()));
    }
    std::vector<char>& chunk = chunks_.back();
    const size_t begin = chunk.size();
    chunk.insert(chunk.end(), text.begin(), text.end());
    return {chunk.data() + begin, text.size()};
  }

  ValueTable<std::string_view> table_;
  std::vector<std::vector<char>> chunks_;
};

}  // namespace weerbaar::trail

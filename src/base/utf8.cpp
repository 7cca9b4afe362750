#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace weerbaar {
namespace {

// Length of the well-formed multi-byte sequence at `at`, or 0. Table 3-7 of the Unicode standard.
size_t sequence_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const auto is_tail = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const size_t rest = text.size() - at;
  const uint8_t lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF) return rest >= 2 && is_tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (rest < 3 || !is_tail(1) || !is_tail(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (rest < 4 || !is_tail(1) || !is_tail(2) || !is_tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

struct Range {
  uint32_t first;
  uint32_t last;
};

// White_Space and Default_Ignorable_Code_Point of Unicode 15, control characters, the blank pattern of braille, and the
// marks of interlinear annotation. Ascending.
constexpr std::array kUnseen = {
    Range{0x00, 0x20},       Range{0x7F, 0xA0},       Range{0xAD, 0xAD},     Range{0x034F, 0x034F},
    Range{0x061C, 0x061C},   Range{0x115F, 0x1160},   Range{0x1680, 0x1680}, Range{0x17B4, 0x17B5},
    Range{0x180B, 0x180F},   Range{0x2000, 0x200F},   Range{0x2028, 0x202F}, Range{0x205F, 0x206F},
    Range{0x2800, 0x2800},   Range{0x3000, 0x3000},   Range{0x3164, 0x3164}, Range{0xFE00, 0xFE0F},
    Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0},   Range{0xFFF0, 0xFFFB}, Range{0x1BCA0, 0x1BCA3},
    Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE0FFF},
};

bool is_unseen(uint32_t point) {
  const auto* const range = std::ranges::lower_bound(kUnseen, point, {}, &Range::last);
  return range != kUnseen.end() && range->first <= point;
}

// The character there, and how many bytes it has.
std::pair<uint32_t, size_t> character_at(std::string_view text, size_t at) {
  const auto lead = static_cast<uint8_t>(text[at]);
  const size_t length = lead < 0x80 ? 1 : std::max<size_t>(sequence_length(text, at), 1);
  uint32_t point = lead < 0x80 ? lead : lead & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) point = point << 6U | (static_cast<uint8_t>(text[at + i]) & 0x3FU);
  return {point, length};
}

}  // namespace

bool is_utf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    uint64_t word = 0;
    if (text.size() - at >= sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        at += sizeof word;
        continue;
      }
    }
    if (static_cast<uint8_t>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const size_t length = sequence_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool is_blank(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto [point, length] = character_at(text, at);
    if (!is_unseen(point)) return false;
    at += length;
  }
  return true;
}

bool has_unseen(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto [point, length] = character_at(text, at);
    if (point != ' ' && is_unseen(point)) return true;
    at += length;
  }
  return false;
}

}  // namespace weerbaar

#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace weerbaar {
namespace {

// Slow and obvious: decode every code point.
bool is_utf8_slow(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    unsigned point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80) return false;
      point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    const size_t shortest = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (shortest != length) return false;
    i += length;
  }
  return true;
}

TEST(Utf8, agrees_with_a_slow_decoder_on_all_short_sequences) {
  for (unsigned word = 0; word < 1U << 16U; ++word) {
    const std::string two{static_cast<char>(word >> 8U), static_cast<char>(word)};
    ASSERT_EQ(is_utf8(two), is_utf8_slow(two)) << word;
    for (const char* tail : {"\x80", "\xBF", "\x80\x80", "\x9F\xBF", "a"}) {
      ASSERT_EQ(is_utf8(two + tail), is_utf8_slow(two + tail)) << word;
    }
  }
}

TEST(Utf8, finds_a_wrong_byte_anywhere_in_a_long_text) {
  const std::string good = "Zaak van de burger in Zuid-Holland, één café, 100 € en een 😀 erbij";
  EXPECT_TRUE(is_utf8(good));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string wrong = good;
    wrong[i] = '\xFF';
    EXPECT_FALSE(is_utf8(wrong)) << i;
  }
}

TEST(Utf8, a_text_is_blank_when_nothing_of_it_is_seen) {
  for (const std::string_view blank :
       {"", " ", "\t\r\n", "\u00A0", "\u2003\u3000 ", "\u200B\uFEFF", "\u00AD", "\u2060"}) {
    EXPECT_TRUE(is_blank(blank)) << blank;
  }
  for (const std::string_view seen : {"a", " . ", "é", "\u200Bx", "€", "字", "😀", "-", "\xFF"}) {
    EXPECT_FALSE(is_blank(seen)) << seen;
  }
}

TEST(Utf8, a_text_that_looks_like_another_is_found_out_by_what_is_not_seen) {
  for (const std::string_view odd : {"u1\u200B", "\u00A0u1", "u1\u3000", "\u202Eu1", "u\u00AD1", "u1\n"}) {
    EXPECT_TRUE(has_unseen(odd)) << odd;
  }
  for (const std::string_view plain : {"", "u1", "Jan de Vries", "Zoë", "字"}) EXPECT_FALSE(has_unseen(plain)) << plain;
}

std::string utf8_of(uint32_t point) {
  const auto tail = [point](unsigned shift) { return static_cast<char>(0x80U | ((point >> shift) & 0x3FU)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0U | point >> 6U), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0U | point >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | point >> 18U), tail(12), tail(6), tail(0)};
}

TEST(Utf8, what_unicode_shows_as_nothing_is_not_seen_and_its_neighbours_are) {
  const std::pair<uint32_t, uint32_t> ranges[] = {
      {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
      {0x2060, 0x206F}, {0x2800, 0x2800}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
      {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
  for (const auto& [first, last] : ranges) {
    for (uint32_t point = first; point <= last; ++point) {
      EXPECT_TRUE(is_blank(utf8_of(point))) << point;
      EXPECT_TRUE(has_unseen("u1" + utf8_of(point))) << point;
    }
  }
  for (const uint32_t seen :
       {0x034EU, 0x0350U, 0x061DU, 0x1161U, 0x17B3U, 0x17B6U, 0x180AU,  0x1810U,  0x2010U,  0x2070U,  0x27FFU, 0x2801U,
        0x3163U, 0x3165U, 0xFDFFU, 0xFE10U, 0xFFA1U, 0xFFFCU, 0x1BCA4U, 0x1D172U, 0x1D17BU, 0xDFFFFU, 0xE1000U}) {
    EXPECT_FALSE(is_blank(utf8_of(seen))) << seen;
    EXPECT_FALSE(has_unseen(utf8_of(seen))) << seen;
  }
  EXPECT_FALSE(is_blank("\u2764\uFE0F")) << "an emoji with a variation selector says something";
}

}  // namespace
}  // namespace weerbaar

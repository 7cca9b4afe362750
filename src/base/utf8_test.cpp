#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace weerbaar

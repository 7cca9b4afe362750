#include "trail/format/tlog_text.h"

#include <gtest/gtest.h>

namespace weerbaar::trail {
namespace {

TEST(TlogText, takes_lines_until_the_last_line_feed) {
  std::string_view text = "a\n\nb\nrest";
  EXPECT_EQ(take_line(text), "a");
  EXPECT_EQ(take_line(text), "");
  EXPECT_EQ(take_line(text), "b");
  EXPECT_EQ(take_line(text), std::nullopt);
  EXPECT_EQ(text, "rest");
}

TEST(TlogText, a_number_has_one_text) {
  EXPECT_EQ(parse_decimal("0").value(), 0U);
  EXPECT_EQ(parse_decimal("18446744073709551615").value(), ~uint64_t{0});
  for (const char* wrong : {"", "00", "01", "+1", "-1", " 1", "1 ", "0x1", "1a", "18446744073709551616"}) {
    EXPECT_EQ(parse_decimal(wrong).error().code, Code::kInvalid) << wrong;
  }
}

TEST(TlogText, a_hash_is_32_bytes) {
  const Hash hash = sha256({});
  EXPECT_EQ(parse_hash(to_base64(hash)).value(), hash);
  EXPECT_FALSE(parse_hash(to_base64(ByteView(hash).first(31))));
  EXPECT_FALSE(parse_hash(to_base64(Bytes(33))));
  EXPECT_FALSE(parse_hash(to_base64(hash) + " "));
  EXPECT_FALSE(parse_hash(""));
}

TEST(TlogText, notes_hold_no_control_characters) {
  EXPECT_TRUE(is_note_text("è\nsera\n"));
  EXPECT_TRUE(is_note_line("è subito sera"));
  EXPECT_FALSE(is_note_text("tab\t"));
  EXPECT_FALSE(is_note_text("return\r\n"));
  EXPECT_FALSE(is_note_text(std::string_view("\0", 1)));
  EXPECT_FALSE(is_note_text("\xff"));
  EXPECT_FALSE(is_note_line("two\nlines"));
  EXPECT_FALSE(is_note_line(""));
}

}  // namespace
}  // namespace weerbaar::trail

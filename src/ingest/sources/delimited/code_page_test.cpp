#include "ingest/sources/delimited/code_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "base/utf8.h"

namespace weerbaar::ingest::delimited {
namespace {

std::string decoded(std::string_view page, std::string_view bytes) {
  std::string text;
  EXPECT_TRUE(CodePage::find(page)->decode(bytes, text)) << page;
  return text;
}

// UTF-8 of a character below U+10000.
std::string utf8_of(unsigned code) {
  if (code < 0x80) return {static_cast<char>(code)};
  const auto tail = [](unsigned bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
  if (code < 0x800) return {static_cast<char>(0xC0U | code >> 6U), tail(code)};
  return {static_cast<char>(0xE0U | code >> 12U), tail(code >> 6U), tail(code)};
}

TEST(CodePage, is_found_by_name_and_alias_in_any_case) {
  EXPECT_EQ(CodePage::find("UTF-8")->name(), "utf-8");
  EXPECT_EQ(CodePage::find("Latin-1")->name(), "iso-8859-1");
  EXPECT_EQ(CodePage::find("CP1140")->name(), "cp1140");
  EXPECT_EQ(CodePage::find("cp038"), nullptr);
  EXPECT_EQ(CodePage::find(""), nullptr);
  EXPECT_NE(CodePage::names().find("cp1047"), std::string::npos);
}

TEST(CodePage, known_bytes_give_known_characters) {
  EXPECT_EQ(decoded("utf-8", "caf\xC3\xA9"), "café");
  EXPECT_EQ(decoded("iso-8859-1", "caf\xE9"), "café");
  EXPECT_EQ(decoded("windows-1252", "\x80 \x93x\x94"), "€ “x”");
  EXPECT_EQ(decoded("cp037", "\xD1\x81\x95\xA2\x85\x95\x40\xF1\xF2\xF3"), "Jansen 123");
  EXPECT_EQ(decoded("cp1140", "\x9F"), "€");
  EXPECT_EQ(decoded("cp037", "\x9F"), "¤");
  EXPECT_EQ(decoded("cp273", "\x4A\xE0\x5A\xA1"), "ÄÖÜß");
  EXPECT_EQ(decoded("cp500", "\x4A\x5A\x4F"), "[]!");
  EXPECT_EQ(decoded("cp1047", "\xAD\xBD"), "[]");
}

TEST(CodePage, bytes_that_stand_for_nothing_are_refused_and_leave_the_text_as_it_was) {
  std::string text = "before";
  EXPECT_FALSE(CodePage::find("utf-8")->decode("a\xE9", text));
  for (const char undefined : {'\x81', '\x8D', '\x8F', '\x90', '\x9D'}) {
    EXPECT_FALSE(CodePage::find("windows-1252")->decode(std::string("ok") + undefined, text));
  }
  EXPECT_EQ(text, "before");
}

TEST(CodePage, every_page_of_one_byte_goes_both_ways) {
  for (const char* name :
       {"iso-8859-1", "windows-1252", "cp037", "cp273", "cp500", "cp1047", "cp1140", "cp1141", "cp1148"}) {
    const CodePage& page = *CodePage::find(name);
    int defined = 0;
    for (int byte = 0; byte < 256; ++byte) {
      const std::string one(1, static_cast<char>(byte));
      std::string text;
      if (!page.decode(one, text)) continue;
      ++defined;
      EXPECT_TRUE(is_utf8(text));
      EXPECT_EQ(page.encode(text), one) << name << ' ' << byte;
    }
    EXPECT_EQ(defined, page.name() == "windows-1252" ? 251 : 256) << name;
  }
}

TEST(CodePage, encodes_one_character_or_nothing) {
  EXPECT_EQ(CodePage::find("utf-8")->encode("¦"), "¦");
  EXPECT_EQ(CodePage::find("iso-8859-1")->encode("¦"), "\xA6");
  EXPECT_EQ(CodePage::find("cp037")->encode(";"), "\x5E");
  EXPECT_EQ(CodePage::find("iso-8859-1")->encode("€"), "");
  for (const char* name : {"utf-8", "cp037"}) {
    EXPECT_EQ(CodePage::find(name)->encode(""), "");
    EXPECT_EQ(CodePage::find(name)->encode(";;"), "");
    EXPECT_EQ(CodePage::find(name)->encode("\xFF"), "");
  }
}

TEST(CodePage, ends_lines_as_its_systems_do) {
  EXPECT_TRUE(CodePage::find("utf-8")->is_line_end('\n'));
  EXPECT_FALSE(CodePage::find("utf-8")->is_line_end('\x15'));
  EXPECT_TRUE(CodePage::find("cp037")->is_line_end('\x25'));
  EXPECT_TRUE(CodePage::find("cp037")->is_line_end('\x15'));
  EXPECT_FALSE(CodePage::find("cp037")->is_line_end('\n'));
}

TEST(CodePage, ebcdic_agrees_with_the_tables_of_glibc) {
  std::ifstream file(WEERBAAR_SOURCE_DIR "/../shared/data/tn3270/ebcdic_tables.json");
  if (!file) GTEST_SKIP() << "the tables of glibc are not beside the checkout";
  const auto tables = nlohmann::json::parse(file).at("tables");
  EXPECT_EQ(tables.size(), 7U);
  for (const auto& [name, table] : tables.items()) {
    const CodePage* page = CodePage::find("cp" + name.substr(3));
    ASSERT_NE(page, nullptr) << name;
    for (size_t byte = 0; byte < 256; ++byte) {
      EXPECT_EQ(decoded(page->name(), std::string(1, static_cast<char>(byte))), utf8_of(table.at(byte).get<unsigned>()))
          << name << ' ' << byte;
    }
  }
}

}  // namespace
}  // namespace weerbaar::ingest::delimited

// The character sets of old systems, and their way to UTF-8.
//
// Sources: RFC 3629; ISO/IEC 8859-1; the IANA registration of windows-1252; IBM's CDRA tables for the EBCDIC pages, in
// which 0x15 is NEL (U+0085) and 0x25 is LF (U+000A).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weerbaar::ingest::delimited {

// Immutable, shared, lives as long as the program.
class CodePage {
 public:
  // By name or alias, in any case. nullptr when there is no such page.
  static const CodePage* find(std::string_view name);
  // Every name, for error texts: "utf-8, iso-8859-1, …".
  static std::string names();

  [[nodiscard]] std::string_view name() const { return name_; }
  // More than one byte to a character: UTF-8 only.
  [[nodiscard]] bool is_multibyte() const { return kind_ == Kind::kUtf8; }

  // Appends the UTF-8 form of `bytes` to `text`. False, and `text` as it was, when a byte stands for nothing in this
  // page.
  [[nodiscard]] bool decode(std::string_view bytes, std::string& text) const;
  // The bytes of one character, which is given as UTF-8. Empty when the page lacks it or it is not one character.
  [[nodiscard]] std::string encode(std::string_view character) const;

  // A byte that ends a line: LF, and in EBCDIC also NEL, which z/OS UNIX writes. A CR before it belongs to the line end
  // (0x0D in every page).
  [[nodiscard]] bool is_line_end(char byte) const { return byte == line_ends_[0] || byte == line_ends_[1]; }
  // The same as two bytes, equal when there is only one.
  [[nodiscard]] std::array<char, 2> line_ends() const { return line_ends_; }

 private:
  enum class Kind : uint8_t { kUtf8, kLatin, kEbcdic };

  // UTF-8 of one byte of the page; size 0: undefined.
  struct Character {
    std::array<char, 3> bytes{};
    uint8_t size = 0;
  };

  CodePage(std::string_view name, Kind kind, const std::array<char16_t, 256>& characters);
  static const std::array<CodePage, 10>& all();

  std::string_view name_;
  Kind kind_;
  std::array<char, 2> line_ends_;
  std::array<Character, 256> characters_;
};

}  // namespace weerbaar::ingest::delimited

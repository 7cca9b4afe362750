#include "ingest/sources/delimited/code_page.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/utf8.h"

namespace weerbaar::ingest::delimited {
namespace {

using Characters = std::array<char16_t, 256>;

struct Difference {
  uint8_t byte;
  char16_t character;
};

// No byte of a page stands for U+FFFF, which is not a character.
constexpr char16_t kUndefined = 0xFFFF;
constexpr Difference kEuro[] = {{0x9F, 0x20AC}};

// Code page 037 (USA, Canada, the Netherlands): every character is in Latin-1.
constexpr std::array<uint8_t, 256> k037 = {
    0x00, 0x01, 0x02, 0x03, 0x9C, 0x09, 0x86, 0x7F, 0x97, 0x8D, 0x8E, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12,
    0x13, 0x9D, 0x85, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8F, 0x1C, 0x1D, 0x1E, 0x1F, 0x80, 0x81, 0x82, 0x83, 0x84, 0x0A,
    0x17, 0x1B, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x05, 0x06, 0x07, 0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98,
    0x99, 0x9A, 0x9B, 0x14, 0x15, 0x9E, 0x1A, 0x20, 0xA0, 0xE2, 0xE4, 0xE0, 0xE1, 0xE3, 0xE5, 0xE7, 0xF1, 0xA2, 0x2E,
    0x3C, 0x28, 0x2B, 0x7C, 0x26, 0xE9, 0xEA, 0xEB, 0xE8, 0xED, 0xEE, 0xEF, 0xEC, 0xDF, 0x21, 0x24, 0x2A, 0x29, 0x3B,
    0xAC, 0x2D, 0x2F, 0xC2, 0xC4, 0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xD1, 0xA6, 0x2C, 0x25, 0x5F, 0x3E, 0x3F, 0xF8, 0xC9,
    0xCA, 0xCB, 0xC8, 0xCD, 0xCE, 0xCF, 0xCC, 0x60, 0x3A, 0x23, 0x40, 0x27, 0x3D, 0x22, 0xD8, 0x61, 0x62, 0x63, 0x64,
    0x65, 0x66, 0x67, 0x68, 0x69, 0xAB, 0xBB, 0xF0, 0xFD, 0xFE, 0xB1, 0xB0, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70,
    0x71, 0x72, 0xAA, 0xBA, 0xE6, 0xB8, 0xC6, 0xA4, 0xB5, 0x7E, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0xA1,
    0xBF, 0xD0, 0xDD, 0xDE, 0xAE, 0x5E, 0xA3, 0xA5, 0xB7, 0xA9, 0xA7, 0xB6, 0xBC, 0xBD, 0xBE, 0x5B, 0x5D, 0xAF, 0xA8,
    0xB4, 0xD7, 0x7B, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0xAD, 0xF4, 0xF6, 0xF2, 0xF3, 0xF5, 0x7D,
    0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F, 0x50, 0x51, 0x52, 0xB9, 0xFB, 0xFC, 0xF9, 0xFA, 0xFF, 0x5C, 0xF7, 0x53, 0x54,
    0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0xB2, 0xD4, 0xD6, 0xD2, 0xD3, 0xD5, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36,
    0x37, 0x38, 0x39, 0xB3, 0xDB, 0xDC, 0xD9, 0xDA, 0x9F,
};

// The other EBCDIC pages, as they differ from 037.
constexpr Difference k273[] = {{0x43, 0x7B}, {0x4A, 0xC4}, {0x4F, 0x21}, {0x59, 0x7E}, {0x5A, 0xDC}, {0x5F, 0x5E},
                               {0x63, 0x5B}, {0x6A, 0xF6}, {0x7C, 0xA7}, {0xA1, 0xDF}, {0xB0, 0xA2}, {0xB5, 0x40},
                               {0xBA, 0xAC}, {0xBB, 0x7C}, {0xC0, 0xE4}, {0xCC, 0xA6}, {0xD0, 0xFC}, {0xDC, 0x7D},
                               {0xE0, 0xD6}, {0xEC, 0x5C}, {0xFC, 0x5D}};
constexpr Difference k500[] = {{0x4A, 0x5B}, {0x4F, 0x21}, {0x5A, 0x5D}, {0x5F, 0x5E},
                               {0xB0, 0xA2}, {0xBA, 0xAC}, {0xBB, 0x7C}};
constexpr Difference k1047[] = {{0x5F, 0x5E}, {0xAD, 0x5B}, {0xB0, 0xAC}, {0xBA, 0xDD}, {0xBB, 0xA8}, {0xBD, 0x5D}};

// windows-1252 from 0x80 to 0x9F; the rest is Latin-1.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, kUndefined, 0x201A,     0x0192, 0x201E,     0x2026,     0x2020, 0x2021,     0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152,     kUndefined, 0x017D, kUndefined, kUndefined, 0x2018, 0x2019,     0x201C, 0x201D, 0x2022,
    0x2013, 0x2014,     0x02DC,     0x2122, 0x0161,     0x203A,     0x0153, kUndefined, 0x017E, 0x0178};

Characters latin() {
  Characters characters{};
  for (size_t i = 0; i < characters.size(); ++i) characters[i] = static_cast<char16_t>(i);
  return characters;
}

Characters windows() {
  Characters characters = latin();
  std::copy(kWindows1252.begin(), kWindows1252.end(), characters.begin() + 0x80);
  return characters;
}

Characters ebcdic(std::span<const Difference> national, std::span<const Difference> currency = {}) {
  Characters characters{};
  std::copy(k037.begin(), k037.end(), characters.begin());
  for (const Difference& difference : national) characters[difference.byte] = difference.character;
  for (const Difference& difference : currency) characters[difference.byte] = difference.character;
  return characters;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return lower(x) == lower(y);
  });
}

constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"utf8", "utf-8"}, {"latin-1", "iso-8859-1"}, {"latin1", "iso-8859-1"}, {"cp1252", "windows-1252"}};

// Length of the UTF-8 character that starts with `lead`, of well-formed text.
size_t character_size(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

CodePage::CodePage(std::string_view name, Kind kind, const Characters& characters)
    : name_(name),
      kind_(kind),
      line_ends_(kind == Kind::kEbcdic ? std::array{'\x25', '\x15'} : std::array{'\n', '\n'}) {
  for (size_t i = 0; i < characters.size(); ++i) {
    const unsigned code = characters[i];
    if (code == kUndefined) continue;
    const auto tail = [](unsigned bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
    if (code < 0x80) {
      characters_[i] = {{static_cast<char>(code)}, 1};
    } else if (code < 0x800) {
      characters_[i] = {{static_cast<char>(0xC0U | code >> 6U), tail(code)}, 2};
    } else {
      characters_[i] = {{static_cast<char>(0xE0U | code >> 12U), tail(code >> 6U), tail(code)}, 3};
    }
  }
}

const std::array<CodePage, 10>& CodePage::all() {
  static const std::array<CodePage, 10> kPages = {
      CodePage("utf-8", Kind::kUtf8, latin()),
      CodePage("iso-8859-1", Kind::kLatin, latin()),
      CodePage("windows-1252", Kind::kLatin, windows()),
      CodePage("cp037", Kind::kEbcdic, ebcdic({})),
      CodePage("cp273", Kind::kEbcdic, ebcdic(k273)),
      CodePage("cp500", Kind::kEbcdic, ebcdic(k500)),
      CodePage("cp1047", Kind::kEbcdic, ebcdic(k1047)),
      CodePage("cp1140", Kind::kEbcdic, ebcdic({}, kEuro)),
      CodePage("cp1141", Kind::kEbcdic, ebcdic(k273, kEuro)),
      CodePage("cp1148", Kind::kEbcdic, ebcdic(k500, kEuro)),
  };
  return kPages;
}

const CodePage* CodePage::find(std::string_view name) {
  for (const auto& [alias, canonical] : kAliases) {
    if (equal_ignoring_case(name, alias)) name = canonical;
  }
  for (const CodePage& page : all()) {
    if (equal_ignoring_case(name, page.name_)) return &page;
  }
  return nullptr;
}

std::string CodePage::names() {
  std::string names;
  for (const CodePage& page : all()) names.append(names.empty() ? "" : ", ").append(page.name_);
  return names;
}

bool CodePage::decode(std::string_view bytes, std::string& text) const {
  if (kind_ == Kind::kUtf8) {
    if (!is_utf8(bytes)) return false;
    text += bytes;
    return true;
  }
  const size_t before = text.size();
  text.resize(before + bytes.size() * 3);
  char* to = text.data() + before;
  for (const char byte : bytes) {
    const Character& character = characters_[static_cast<uint8_t>(byte)];
    if (character.size == 0) {
      text.resize(before);
      return false;
    }
    std::memcpy(to, character.bytes.data(), character.bytes.size());
    to += character.size;
  }
  text.resize(static_cast<size_t>(to - text.data()));
  return true;
}

std::string CodePage::encode(std::string_view character) const {
  if (character.empty() || !is_utf8(character) || character_size(character.front()) != character.size()) return {};
  if (kind_ == Kind::kUtf8) return std::string(character);
  for (size_t i = 0; i < characters_.size(); ++i) {
    const Character& candidate = characters_[i];
    if (std::string_view(candidate.bytes.data(), candidate.size) == character) {
      return std::string(1, static_cast<char>(i));
    }
  }
  return {};
}

}  // namespace weerbaar::ingest::delimited

#include "trail/package/markdown.h"

#include <algorithm>
#include <cstdint>

namespace weerbaar::trail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Well-formed UTF-8 is what the callers have; a stray byte gives some code point, and stays what it is.
struct Character {
  uint32_t code;
  size_t bytes;
};

Character first_of(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint32_t code = bytes == 1 ? lead : lead & (0xFFU >> (bytes + 1));
  const size_t there = std::min(bytes, text.size());
  for (size_t i = 1; i < there; ++i) code = code << 6U | (static_cast<uint8_t>(text[i]) & 0x3FU);
  return {code, there};
}

bool is_hidden(uint32_t code) {
  const auto within = [code](uint32_t first, uint32_t last) { return code >= first && code <= last; };
  return code < 0x20 || within(0x7F, 0x9F) || code == 0xAD || code == 0x61C || within(0x200B, 0x200F) ||
         within(0x2028, 0x202E) || within(0x2060, 0x206F) || code == 0xFEFF || within(0xE0000, 0xE007F);
}

std::string on_one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const Character character = first_of(text);
    if (character.code == '\n' || character.code == '\r' || character.code == '\t') {
      line += ' ';
    } else if (is_hidden(character.code)) {
      line += kReplacement;
    } else {
      line += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return line;
}

}  // namespace

std::string code_span(std::string_view text) {
  const std::string line = on_one_line(text);
  size_t longest = 0;
  size_t run = 0;
  for (const char c : line) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  // One space at each side is taken off again by readers of Markdown.
  const bool pad = line.empty() || line.front() == '`' || line.back() == '`' || line.front() == ' ';
  const std::string_view space = pad ? " " : "";
  return fence + std::string(space) + line + std::string(space) + fence;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]<>#|~&!";
  std::string line;
  for (const char c : on_one_line(text)) {
    if (kSpecial.find(c) != std::string_view::npos) line += '\\';
    line += c;
  }
  return line;
}

}  // namespace weerbaar::trail

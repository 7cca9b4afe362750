#include "base/toml_text.h"

#include <algorithm>
#include <cstdint>

namespace weerbaar {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_ascii(char c) {
  return static_cast<uint8_t>(c) < 0x80;
}

TextPlace place_of(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto starts_character = [](char c) { return (static_cast<uint8_t>(c) & 0xC0U) != 0x80U; };
  const auto line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  const auto column = static_cast<size_t>(
      std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(), starts_character));
  return {line + 1, column + 1};
}

// Position behind a string of one line that starts at `at`, or of a wrong character in it.
size_t skip_string(std::string_view text, size_t at) {
  const char quote = text[at++];
  for (; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == quote) return at + 1;
    if (text[at] != '\\' || quote == '\'') continue;
    ++at;
    if (at == text.size() || text[at] == '\n') break;
    if (!is_ascii(text[at])) return at;
  }
  // The parser ends with an error here.
  return text.size();
}

}  // namespace

std::optional<TextPlace> find_stray_character(std::string_view text) {
  size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (!is_ascii(c)) return place_of(text, at);
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("\"\"\"") || rest.starts_with("'''")) {
      const auto* const stray = std::find_if_not(rest.begin(), rest.end(), is_ascii);
      if (stray == rest.end()) return std::nullopt;
      return place_of(text, at + static_cast<size_t>(stray - rest.begin()));
    }
    if (c == '"' || c == '\'') {
      at = skip_string(text, at);
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace weerbaar

// A guard in front of toml++ 3.3, whose parser has undefined behaviour on characters beyond ASCII in places where TOML
// does not allow them: outside strings and comments, and behind a backslash.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace weerbaar {

struct TextPlace {
  size_t line;    // from 1
  size_t column;  // in characters, from 1
};

// The first character beyond ASCII that stands neither in a comment nor in a string of one line, or that follows a
// backslash. Where a string of several lines starts, it and all behind it may hold none either, although TOML allows
// it: the parser fails as above behind a backslash at the end of a line.
std::optional<TextPlace> find_stray_character(std::string_view text);

}  // namespace weerbaar

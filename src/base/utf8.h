// UTF-8 as in RFC 3629.
#pragma once

#include <string_view>

namespace weerbaar {

// True when `text` is well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// True when nothing of a well-formed text can be seen: it is empty, or all white space, control characters and what is
// shown as nothing (the properties White_Space and Default_Ignorable_Code_Point of Unicode 15).
bool is_blank(std::string_view text);

// True when a well-formed text has a character, besides the blank, that cannot be seen or that turns the direction of
// reading: two texts that look the same may differ by those. An emoji may have one, so this is for names only.
bool has_unseen(std::string_view text);

}  // namespace weerbaar

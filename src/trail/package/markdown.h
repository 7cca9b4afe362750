// Text of others in Markdown, so that it stays text: no heading, link, table or line of ours can be made with it.
#pragma once

#include <string>
#include <string_view>

namespace weerbaar::trail {

// A code span (CommonMark section 6.1) on one line. Line ends and tabs become spaces; other control characters, and
// those that turn the reading direction or cannot be seen, become U+FFFD.
std::string code_span(std::string_view text);

// Plain text on one line, with the same replacements; what Markdown or HTML would interpret is escaped.
std::string escaped(std::string_view text);

}  // namespace weerbaar::trail

#include "base/toml.h"

#include <fmt/format.h>

#include "base/toml_text.h"

namespace weerbaar {

Result<toml::table> parse_toml(std::string_view text, std::string_view name) {
  if (const auto stray = find_stray_character(text)) {
    return fail(Code::kInvalid,
                fmt::format("{}:{}:{}: a character beyond ASCII stands outside quotes, behind a backslash, or at or "
                            "behind a text of several lines: put it in quotes on one line, or write it as \\u0000 with "
                            "its own digits",
                            name, stray->line, stray->column));
  }
  toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    return fail(Code::kInvalid,
                fmt::format("{}:{}:{}: this is not TOML: {}", name, at.line, at.column, parsed.error().description()));
  }
  return std::move(parsed).table();
}

}  // namespace weerbaar

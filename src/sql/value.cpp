#include "sql/value.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace weerbaar::sql {

Status check_values(std::span<const Value> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const auto* const text = std::get_if<std::string_view>(&values[i]);
    if (text == nullptr) continue;
    if (!is_utf8(*text)) return fail(Code::kInvalid, fmt::format("value {} is no text in UTF-8", i + 1));
    if (text->find('\0') != std::string_view::npos) {
      return fail(Code::kInvalid, fmt::format("value {} holds a zero byte, which no database keeps", i + 1));
    }
  }
  return {};
}

}  // namespace weerbaar::sql

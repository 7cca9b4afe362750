// TOML files by toml++, included here and nowhere else, so that all of the program sees it with the same settings.
#pragma once

// Header-only whatever the build says: the shared library of the system throws.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
// It asserts, and under NDEBUG promises to the optimiser, what a wrong file can break ("[*"); behind those assertions
// it looks again and tells the error. So none of them may count.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <string_view>

#include "base/result.h"

namespace weerbaar {

// kInvalid with `name`, line and column when it is not TOML, or holds what toml++ 3.3 cannot read safely
// (base/toml_text.h). The text must be UTF-8; `name` is only for the error.
Result<toml::table> parse_toml(std::string_view text, std::string_view name);

}  // namespace weerbaar

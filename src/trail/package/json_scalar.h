// JSON scalars of which every value has one text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar::trail {

// The text of a JSON string that is written as append_json_string() writes it. kInvalid otherwise.
Result<std::string> parse_json_string(std::string_view json);

// True for a JSON string or number, in any form.
bool is_json_string_or_number(std::string_view json);

}  // namespace weerbaar::trail

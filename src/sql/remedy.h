// What whoever runs this can do about an error of a database.
#pragma once

#include <string_view>

#include "base/result.h"

namespace weerbaar::sql {

// Stands behind what went wrong: begins with ": ", or is empty when a program is to be mended.
std::string_view remedy_of(Code code);

}  // namespace weerbaar::sql

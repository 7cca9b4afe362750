// What a parameter may hold: the same for both databases.
#pragma once

#include "sql/database.h"

namespace weerbaar::sql {

// kInvalid, with the number of the value from 1, for a text that one of the databases would refuse or cut.
Status check_values(std::span<const Value> values);

}  // namespace weerbaar::sql

// The tables of the register, and how those of an older program become them.
#pragma once

#include "sql/database.h"

namespace weerbaar::facts {

// All or nothing. kInvalid when a newer program made the tables.
Status migrate(sql::Database& database);

}  // namespace weerbaar::facts

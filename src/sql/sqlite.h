// SQLite behind the calls of sql/database.h.
#pragma once

#include <memory>
#include <string>

#include "sql/database.h"

namespace weerbaar::sql {

// See Database::open().
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);

}  // namespace weerbaar::sql

// The tables of a program in a database, and how those of an older one become them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sql/database.h"

namespace weerbaar::sql {

struct Schema {
  std::string table;    // of ours, that keeps the version
  std::string holder;   // for a person: "the register"
  int64_t version = 1;  // that the program knows, at least 1
  // Makes the tables of `version` of those that an older program left; 0: there are none.
  std::function<Status(Database&, int64_t from)> take_over;
};

// All or nothing, and once whoever comes at the same moment. A database that is of the version already is only read, so
// that it opens while another one writes. kInvalid when a newer program made the tables.
Status bring_up(Database& database, const Schema& schema);

}  // namespace weerbaar::sql

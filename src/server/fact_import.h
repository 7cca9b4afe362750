// How facts get into the register of a data directory: on record in its trail.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "register/register.h"
#include "trail/store/trail.h"

namespace weerbaar::server {

// Imports a file of facts for a table, as the user of the operating system. What became of it is a record in the trail,
// durable and signed, before the facts count. `name` is that of the file. Errors of Register::import() and of the
// trail.
Result<facts::ImportReport> import_facts(trail::Trail& trail, facts::Register& facts, const facts::Table& table,
                                         const std::string& name, ByteView file);

}  // namespace weerbaar::server

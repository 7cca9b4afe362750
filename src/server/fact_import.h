// How facts get into the register of a data directory: on record in its trail.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "register/delivery.h"
#include "register/register.h"
#include "server/data_directory.h"
#include "trail/store/trail.h"

namespace weerbaar::server {

// Where facts come from, beside what the register keeps of it.
struct FactOrigin {
  facts::Source source;
  std::string what;            // a table, or a format
  std::string mapping_digest;  // SHA-256 of the mapping; empty without one
};

// Calls `work` with the trail, open to write.
using WithTrail = std::function<Status(const std::function<Status(trail::Trail&)>& work)>;

// Imports a delivery. The trail is open for moments only, not while facts are read. What became of it is a record in
// the trail, durable and signed, before the facts count; the name of the file is not in it, for it may name a person.
// An import that a crash kept out of the register is recorded as undone first. `turn`: DataDirectory::lock_register().
// kCorrupt when the register is not what the trail says; errors of Register::import() and of the trail.
Result<facts::ImportReport> import_facts(const os::Lock& turn, const WithTrail& with_trail, facts::Register& facts,
                                         facts::Delivery& delivery, const FactOrigin& origin);

// Records that the register is one of an earlier time: of the imports behind it, that they are undone. Gives how many.
// kCorrupt when it is not whole, or not what the trail says of that time. `turn`: DataDirectory::lock_register().
Result<uint64_t> take_restored(const os::Lock& turn, trail::Trail& trail, facts::Register& facts,
                               const UsePurpose& purpose);

// What became of an import, as the record and the command say it.
nlohmann::ordered_json counts_json(const facts::ImportReport& report);

}  // namespace weerbaar::server

// Records in a trail about itself: imports, policies, checks, roots of indexes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"

namespace weerbaar::trail {

class Trail;

// Replaces `bytes` by those of an entry that is a record, without opening more of its segment than needed; by nothing
// when it is an event that is sealed. Errors of Trail::entry().
Status read_record(const Trail& trail, EntryIndex index, Bytes& bytes);

// Every record of a type, in order, found by the index. kCorrupt names what is damaged.
Result<std::vector<EntryIndex>> records_of_type(const Trail& trail, std::string_view type);

// The body of one. kNotFound when the entry is an event.
Result<std::string> record_body(const Trail& trail, EntryIndex index);

}  // namespace weerbaar::trail

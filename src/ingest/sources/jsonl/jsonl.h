// JSON Lines: one access event a line, in the form of docs/formats/access-event.md.
#pragma once

#include <memory>

#include "ingest/source.h"

namespace weerbaar::ingest {

// Takes no mapping: kInvalid when one is given.
Result<std::unique_ptr<Source>> create_jsonl(const SourceOptions& options);

}  // namespace weerbaar::ingest

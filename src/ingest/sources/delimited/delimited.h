// Logs that old systems export as CSV or in columns of fixed width, also in EBCDIC from a mainframe. A mapping file
// says which column is which field: docs/formats/mapping.md.
#pragma once

#include <memory>

#include "base/result.h"
#include "ingest/source.h"

namespace weerbaar::ingest {

// Both read the zone database of the system and nothing else. kInvalid, with file, line and column, when the mapping is
// missing or wrong. A column that the header of a CSV lacks is only known when the header is there: the header is then
// refused with the columns that it lacks, and so is every record after it.
Result<std::unique_ptr<Source>> create_csv(const SourceOptions& options);
Result<std::unique_ptr<Source>> create_fixed(const SourceOptions& options);

}  // namespace weerbaar::ingest

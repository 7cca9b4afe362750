// Makes index files (docs/formats/index.md): of a segment, of entries that are not sealed yet, and of index files that
// follow each other.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/file_system.h"
#include "trail/format/index_file.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

// The sections that index_of() needs of a segment, of whatever version.
std::span<const Section> index_sections();
// The file of the index over one segment. kCorrupt when a record in it is not canonical.
Result<Bytes> index_of(const Segment& segment);
// The same over 1 to 65,536 canonical entries from `first_index` on. kCorrupt when one is seen not to be: what is in an
// event is not checked.
Result<Bytes> index_of(uint64_t first_index, std::span<const ByteView> entries);

// Writes the index over what `parts` cover, in order and without gaps, at `path`; atomic, in memory bounded by the
// largest block and about 10 bytes a key. kCorrupt when a part is damaged.
Status merge_indexes(os::FileSystem& files, const std::string& path, std::span<const IndexFile* const> parts);

}  // namespace weerbaar::trail

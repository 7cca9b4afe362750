// Seals 65,536 entries into the bytes of a segment file (trail/format/segment.h).
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

struct WrittenSegment {
  Bytes file;
  Segment segment;  // as read from it
};

// `entries`: exactly kSegmentEntries canonical entries from `first_index` on, with their leaf hashes. Before it
// returns, every entry is regenerated from the bytes and compared, so that no fault of ours can cost evidence: kCorrupt
// when one differs, as one that is not canonical does.
Result<WrittenSegment> write_segment(uint64_t first_index, uint64_t signed_size, std::span<const ByteView> entries,
                                     std::span<const Hash> leaves);

}  // namespace weerbaar::trail

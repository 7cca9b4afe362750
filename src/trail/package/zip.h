// Zip archives in memory, by libzip: written so that equal content gives equal bytes, read with distrust.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace weerbaar::trail {

struct ZipMember {
  std::string name;
  Bytes content;

  bool operator==(const ZipMember&) const = default;
};

struct ZipLimits {
  uint64_t archive_bytes_max;  // of the archive itself
  uint64_t members_max;
  uint64_t content_bytes_max;  // of all members together, unpacked
};

// The members in this order, deflated, all dated `at` (UTC; the format knows even seconds of the years 1980 to 2107,
// what lies outside becomes the nearest of them). kInvalid beyond a limit.
Result<Bytes> write_zip(const std::vector<ZipMember>& members, Time at, const ZipLimits& limits);

// All members in the order of the archive, names as they stand there, twice if they stand there twice. Nothing is
// believed: what an archive says about sizes bounds nothing but itself, and check sums are checked.
// kInvalid when it is not a whole, plain zip archive (also: encrypted), or beyond a limit; the member is named by its
// position, as its name is somebody else's text.
Result<std::vector<ZipMember>> read_zip(ByteView archive, const ZipLimits& limits);

}  // namespace weerbaar::trail

// What witnesses saw of the log of a package: a checkpoint that they cosigned, and that the tree of the package begins
// with it. The file `witnessed` of a package (docs/formats/evidence-package.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trail/format/sha256.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {

struct Witnessed {
  std::vector<Hash> proof;  // of consistency, from the tree of `note` to that of the package; none when they are one
  std::string note;         // the checkpoint with its cosignatures

  bool operator==(const Witnessed&) const = default;
};

std::string to_text(const Witnessed& witnessed);
// The exact reverse; the note is not opened. kInvalid for any other text.
Result<Witnessed> parse_witnessed(std::string_view text);

// That the last signed tree of the trail, open with its keys, begins with the tree of `note`, a checkpoint of its log.
// kInvalid when it is no note, or of no entries, or of more than that tree; kDenied when it is of another log, kCorrupt
// when the trail holds other entries than were cosigned.
Result<Witnessed> witnessed_by(const Trail& trail, std::string note);

}  // namespace weerbaar::trail

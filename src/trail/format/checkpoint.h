// Checkpoints (c2sp.org/tlog-checkpoint): the signed statement of a log about its size and root.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "trail/format/note.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

struct Checkpoint {
  std::string origin;  // names the log; one line
  TreeSize size;
  Hash root{};                          // MTH over `size` entries
  std::vector<std::string> extensions;  // non-empty lines; the standard advises against them

  bool operator==(const Checkpoint&) const = default;
};

// The text of the note. kInvalid when origin or an extension is empty, or more than one line of printable UTF-8.
Result<std::string> format_checkpoint(const Checkpoint& checkpoint);
// The exact reverse: a text that parses is the one that format_checkpoint gives. Says nothing about who signed it, nor
// whether the root of an empty tree is that of the empty tree.
Result<Checkpoint> parse_checkpoint(std::string_view text);

// A signed note. That it contradicts no checkpoint signed before is for the caller to ensure.
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key);
// Opens a note signed by `key`, with the errors of open_note; kDenied when its origin is another than `origin`.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key, std::string_view origin);

}  // namespace weerbaar::trail

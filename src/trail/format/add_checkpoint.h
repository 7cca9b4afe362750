// What a log and a witness say to each other (c2sp.org/tlog-witness, add-checkpoint): the body of the request, and the
// answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "trail/format/checkpoint.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

inline constexpr size_t kAddCheckpointHashesMax = 63;
// A note with sixteen signatures that resist quantum computers has some 54,000.
inline constexpr size_t kAddCheckpointBytesMax = size_t{128} * 1024;
// Of the answer 409.
inline constexpr std::string_view kTreeSizeMediaType = "text/x.tlog.size";

struct AddCheckpoint {
  TreeSize old_size;        // of the checkpoint that the witness cosigned last, as the log believes
  std::vector<Hash> proof;  // of consistency, from that to this
  std::string note;         // the signed checkpoint, as it is

  bool operator==(const AddCheckpoint&) const = default;
};

// kInvalid when there are more hashes than kAddCheckpointHashesMax, or more bytes than kAddCheckpointBytesMax.
Result<std::string> format_add_checkpoint(const AddCheckpoint& request);
// The exact reverse: a text that parses is the one that format_add_checkpoint gives. Does not look into the note.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

// The answer 409: the size of the checkpoint that the witness cosigned last.
std::string format_tree_size(TreeSize size);
Result<TreeSize> parse_tree_size(std::string_view body);

// A cosignature that was found to be by the witness and over the checkpoint.
struct Cosignature {
  std::string line;  // without LF
  uint64_t unix_seconds = 0;

  bool operator==(const Cosignature&) const = default;
};
// The answer 200 to `note`, which is whole and signed: the cosignature of `witness` among the lines. Lines of keys that
// are not known are passed over. kInvalid when the body is no list of signature lines; kCorrupt when the signature of
// the witness does not belong to the checkpoint; kDenied when there is none.
Result<Cosignature> open_cosignatures(std::string_view note, std::string_view body, const VerifierKey& witness);
// The cosignature of `witness` in a note. Errors of open_note.
Result<Cosignature> find_cosignature(std::string_view note, const VerifierKey& witness);

}  // namespace weerbaar::trail

// Proofs to take away (c2sp.org/tlog-proof@v1): a text that shows without the log that an entry stands in it. By
// custom in a file with the extension .tlog-proof.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"
#include "trail/format/checkpoint.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

inline constexpr size_t kTlogProofBytesMax = 2 * kNoteBytesMax;

struct TlogProof {
  Bytes extra;  // whatever the application adds; nothing proves it. Empty: absent
  EntryIndex index;
  std::vector<Hash> hashes;  // the inclusion proof, from the leaf to the root
  std::string checkpoint;    // the signed note, as it was signed

  bool operator==(const TlogProof&) const = default;
};

// kInvalid when there are more hashes than a proof can have, no checkpoint, or more bytes than kTlogProofBytesMax.
Result<std::string> format_tlog_proof(const TlogProof& proof);
// The exact reverse: a text that parses is the one that format_tlog_proof gives. Verifies nothing, and does not look
// into the checkpoint.
Result<TlogProof> parse_tlog_proof(std::string_view text);

// Checks that `key` signed the checkpoint for the log `origin`, and that the entry with the hash `leaf` stands in its
// tree at the index of the proof. Gives the checkpoint; errors of open_checkpoint and verify_inclusion.
Result<Checkpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf, const VerifierKey& key,
                                     std::string_view origin);

}  // namespace weerbaar::trail

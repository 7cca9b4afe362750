// The tree over an index: its root, appended to the trail as a record, lets an answer prove that nothing was left out.
// docs/formats/index-tree.md.
//
// The leaves are the keys of the index in ascending order, each with the hash of its postings; hashed as in RFC 6962
// section 2.1. So two neighbouring leaves prove that no key stands between them, and a leaf proves all the postings of
// its key without showing those of its neighbours.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "trail/format/merkle.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {

// Postings in their hashed form, ascending by index and without repetition. Of a subject, 18 bytes each: index (u64),
// time in microseconds since 1970 (i64), nanoseconds beyond them (u16). Of an actor or a record, 8 bytes each: index.
// All big-endian.
inline constexpr size_t kSubjectPostingBytes = 18;
inline constexpr size_t kOtherPostingBytes = 8;
void append_subject_posting(uint64_t index, Time time, Bytes& postings);
void append_other_posting(uint64_t index, Bytes& postings);
// The same into memory that suffices; return where it ends.
inline uint8_t* write_subject_posting(uint64_t index, Time time, uint8_t* to) {
  store_be(to, index);
  store_be(to + 8, static_cast<uint64_t>(time.micros));
  store_be(to + 16, time.nanos);
  return to + kSubjectPostingBytes;
}
inline uint8_t* write_other_posting(uint64_t index, uint8_t* to) {
  store_be(to, index);
  return to + kOtherPostingBytes;
}

struct SubjectPosting {
  uint64_t index = 0;
  Time time;

  bool operator==(const SubjectPosting&) const = default;
};
// The exact reverse, for a subject. kCorrupt for what cannot be hashed postings: no whole ones, none, not ascending, or
// a moment that no entry can have.
Result<std::vector<SubjectPosting>> parse_subject_postings(ByteView postings);

// A leaf before it is hashed: u16 length of the key (big-endian), the key, the SHA-256 of its postings.
Hash index_leaf_hash(ByteView key, const Hash& postings_hash);

// What a record of this type says: the index over the entries [first, end) has these keys and this root.
inline constexpr std::string_view kIndexRecordType = "index";
struct IndexCommitment {
  uint64_t first = 0;
  uint64_t end = 0;
  uint64_t keys = 0;
  std::vector<uint16_t> periods;  // ascending: those of the events in it
  Hash root{};                    // MTH over the leaf hashes; that of the empty tree without keys

  bool operator==(const IndexCommitment&) const = default;
};
// The body of the record: one JSON object, one form only. The range holds an entry, and the periods ascend.
std::string to_json(const IndexCommitment& commitment);
// The exact reverse. kCorrupt for anything that to_json() does not write.
Result<IndexCommitment> parse_index_commitment(std::string_view body);

// One leaf with its place in the tree.
struct IndexLeaf {
  uint64_t position = 0;  // among the keys
  Bytes key;
  Hash postings_hash{};
  std::vector<Hash> path;  // inclusion proof in the tree of `keys` leaves

  bool operator==(const IndexLeaf&) const = default;
};

// That a key is in an index, by its own leaf; or that it is not, by the leaves between which it would stand: the last
// before it and the first behind it, of which one is missing at an end of the index, and both in an empty one.
struct IndexProof {
  std::optional<IndexLeaf> present;
  std::optional<IndexLeaf> before;
  std::optional<IndexLeaf> behind;

  bool operator==(const IndexProof&) const = default;
};

// Checks the proof about `key` against the number of keys and the root that the log committed. When the key is present,
// `postings` are all of its postings in their hashed form; when it is absent, they must be empty. It rests on the keys
// being in ascending order, which a verifier of the log recomputes. kCorrupt says what does not hold.
Status verify_index_proof(ByteView key, ByteView postings, const IndexProof& proof, uint64_t keys, const Hash& root);

}  // namespace weerbaar::trail

// The records in which a trail commits the roots of its indexes (trail/format/index_tree.h): which of them are there,
// and which are still to be appended.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "trail/format/index_tree.h"
#include "trail/store/index_set.h"

namespace weerbaar::trail {

class Trail;

// An index whose root stands in the trail.
struct CommittedIndex {
  IndexCommitment commitment;
  EntryIndex record;
  std::shared_ptr<const OpenIndex> index;

  // That the key is there or is not, against the commitment, with its postings in their hashed form. kCorrupt when the
  // index does not fit the root: verify the trail then.
  Result<IndexProof> prove(ByteView key, Bytes& postings) const { return index->file.prove(key, postings); }
};

// Not thread-safe, like the trail.
class IndexCommitments {
 public:
  // Sealed segments got an index since the last call of missing().
  void changed() { is_complete_ = false; }
  // Roots of the indexes of sealed segments of which the trail holds no record. Never asks the same twice while nothing
  // changed. Append each, and tell by added().
  Result<std::vector<IndexCommitment>> missing(const Trail& trail);
  void added(EntryIndex record, const IndexCommitment& commitment);

  struct Found {
    EntryIndex record;
    const IndexCommitment* commitment;  // valid until the next call of anything else here
  };
  // The first record about exactly these entries, if it stands below `size`.
  Result<std::optional<Found>> find(const Trail& trail, uint64_t first, uint64_t end, TreeSize size);

 private:
  Status load(const Trail& trail);
  Result<const IndexCommitment*> read(const Trail& trail, uint64_t index);

  bool is_loaded_ = false;
  bool is_complete_ = false;
  // Entries of records of this type, ascending; what they say once they were read, null when it is no commitment.
  std::map<uint64_t, std::optional<std::unique_ptr<const IndexCommitment>>> records_;
};

}  // namespace weerbaar::trail

#include "trail/store/index_commitments.h"

#include "trail/format/entry.h"
#include "trail/store/records.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {
Status IndexCommitments::load(const Trail& trail) {
  if (is_loaded_) return {};
  records_.clear();
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> all, records_of_type(trail, kIndexRecordType));
  for (const EntryIndex index : all) records_[index.value()];
  is_loaded_ = true;
  return {};
}

Result<const IndexCommitment*> IndexCommitments::read(const Trail& trail, uint64_t index) {
  auto& known = records_[index];
  if (!known) {
    Bytes bytes;
    WEERBAAR_TRY(read_record(trail, EntryIndex(index), bytes));
    Entry entry;
    WEERBAAR_TRY(entry.decode(bytes));
    known.emplace(nullptr);
    if (!entry.is_event()) {
      if (auto commitment = parse_index_commitment(entry.record().body)) {
        *known = std::make_unique<const IndexCommitment>(std::move(*commitment));
      }
    }
  }
  return known->get();
}

// A record follows the entries that it is about.
Result<std::optional<IndexCommitments::Found>> IndexCommitments::find(const Trail& trail, uint64_t first, uint64_t end,
                                                                      TreeSize size) {
  WEERBAAR_TRY(load(trail));
  for (auto record = records_.lower_bound(end); record != records_.end() && record->first < size.value(); ++record) {
    WEERBAAR_ASSIGN(const IndexCommitment* const commitment, read(trail, record->first));
    if (commitment != nullptr && commitment->first == first && commitment->end == end) {
      return std::optional(Found{EntryIndex(record->first), commitment});
    }
  }
  return std::optional<Found>();
}

Result<std::vector<IndexCommitment>> IndexCommitments::missing(const Trail& trail) {
  std::vector<IndexCommitment> missing;
  if (is_complete_) return missing;
  const auto tiling = trail.sealed().indexes();
  for (const auto& index : tiling->files) {
    WEERBAAR_ASSIGN(const auto found, find(trail, index->file.first_index(), index->file.end(), trail.size()));
    if (!found) missing.push_back(index->file.commitment());
  }
  is_complete_ = true;
  return missing;
}

void IndexCommitments::added(EntryIndex record, const IndexCommitment& commitment) {
  records_[record.value()] = std::make_unique<const IndexCommitment>(commitment);
}

}  // namespace weerbaar::trail

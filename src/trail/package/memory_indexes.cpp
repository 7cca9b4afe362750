#include "trail/package/memory_indexes.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "trail/format/index_key.h"
#include "trail/format/merkle.h"

namespace weerbaar::trail {
namespace {

using Index = std::map<Bytes, Bytes>;

// Adds what an entry puts into the index. A person in two roles is one key.
void add(const Entry& entry, uint64_t at, Index& index, std::set<uint16_t>& periods) {
  Bytes key;
  if (!entry.is_event()) {
    append_record_key(entry.record().type, key);
    append_other_posting(at, index[key]);
    return;
  }
  const StoredEvent& event = entry.event();
  periods.insert(event.period);
  append_actor_key(event.period, event.actor.id, key);
  append_other_posting(at, index[key]);
  std::set<Bytes> keys;
  for (const StoredSubject& subject : event.subjects) {
    key.clear();
    append_subject_key(event.period, subject, key);
    keys.insert(key);
  }
  for (const Bytes& each : keys) append_subject_posting(at, event.time, index[each]);
}

}  // namespace

Result<std::unique_ptr<MemoryIndexes>> MemoryIndexes::commit(Trail& trail, std::span<const uint64_t> ends) {
  auto made = std::make_unique<MemoryIndexes>();
  uint64_t first = 0;
  for (const uint64_t end : ends) {
    WEERBAAR_TRY(made->commit(trail, first, end));
    first = end;
  }
  if (first < trail.size().value()) WEERBAAR_TRY(made->commit(trail, first, trail.size().value()));
  return made;
}

Status MemoryIndexes::commit(Trail& trail, uint64_t first, uint64_t end) {
  Committed made;
  std::set<uint16_t> periods;
  Bytes bytes;
  Entry entry;
  for (uint64_t at = first; at < end; ++at) {
    bytes.clear();
    WEERBAAR_TRY(trail.entry(EntryIndex(at), bytes));
    WEERBAAR_TRY(entry.decode(bytes));
    add(entry, at, made.index, periods);
  }
  made.leaves.reserve(made.index.size());
  for (const auto& [key, postings] : made.index) made.leaves.push_back(index_leaf_hash(key, sha256(postings)));
  const IndexCommitment commitment{
      first, end, made.leaves.size(), {periods.begin(), periods.end()}, tree_root(made.leaves)};
  WEERBAAR_ASSIGN(const EntryIndex record, trail.append_record(kIndexRecordType, to_json(commitment)));
  made.range = {first, end, record};
  indexes_.push_back(std::move(made));
  return {};
}

Result<std::vector<CommittedRange>> MemoryIndexes::ranges() {
  std::vector<CommittedRange> ranges;
  ranges.reserve(indexes_.size());
  for (const Committed& committed : indexes_) ranges.push_back(committed.range);
  return ranges;
}

Result<KeyProof> MemoryIndexes::prove(const CommittedRange& range, ByteView key) {
  const auto found = std::ranges::find(indexes_, range.record, [](const Committed& each) { return each.range.record; });
  if (found == indexes_.end()) return fail(Code::kNotFound, "there is no index whose root is in that record");
  const auto& [committed, index, leaves] = *found;
  const auto leaf = [&](Index::const_iterator at) {
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): the analyzer loses what a captured binding refers to
    const auto position = static_cast<uint64_t>(std::distance(index.begin(), at));
    const RangeRoot range_root = [&](uint64_t begin, uint64_t end) -> Result<Hash> {
      return tree_root(std::span(leaves).subspan(begin, end - begin));
    };
    auto path = inclusion_proof(EntryIndex(position), TreeSize(leaves.size()), range_root);
    return IndexLeaf{position, at->first, sha256(at->second), std::move(*path)};
  };
  const Bytes wanted(key.begin(), key.end());
  const auto place = index.lower_bound(wanted);
  KeyProof made;
  if (place != index.end() && place->first == wanted) {
    made.proof.present = leaf(place);
    made.postings = place->second;
    return made;
  }
  if (place != index.begin()) made.proof.before = leaf(std::prev(place));
  if (place != index.end()) made.proof.behind = leaf(place);
  return made;
}

}  // namespace weerbaar::trail

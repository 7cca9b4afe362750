#include "trail/verify/commitment_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "trail/format/entry.h"

namespace weerbaar::trail {
namespace {

uint64_t bytes_of(const IndexCommitment& commitment) {
  return sizeof(CommittedRoot) + commitment.periods.size() * sizeof(uint16_t);
}

}  // namespace

bool CommitmentSet::add(uint64_t index, ByteView bytes) {
  Entry entry;
  if (!entry.decode(bytes) || entry.is_event() || entry.record().type != kIndexRecordType) return false;
  auto commitment = parse_index_commitment(entry.record().body);
  const std::lock_guard lock(mutex_);
  const std::string where = fmt::format("entry {}", index);
  if (!commitment) {
    problems_.add(where, fmt::format("a record that commits an index: {}", commitment.error().text));
  } else if (commitment->first >= commitment->end || commitment->end > index) {
    problems_.add(where,
                  fmt::format("it commits an index over the entries {} up to {}, which did not all come before it",
                              commitment->first, commitment->end));
  } else if (bytes_ + bytes_of(*commitment) > bytes_max_) {
    problems_.add(where, "the records that commit indexes take more memory than there may be: it is not examined");
  } else {
    bytes_ += bytes_of(*commitment);
    roots_.push_back({index, std::move(*commitment)});
  }
  return true;
}

std::vector<CommittedRoot> CommitmentSet::take() {
  std::ranges::sort(roots_, {}, &CommittedRoot::entry);
  return std::move(roots_);
}

}  // namespace weerbaar::trail

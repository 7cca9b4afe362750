#include "trail/store/index_commitments.h"

#include <algorithm>
#include <array>

#include "trail/format/entry.h"
#include "trail/format/index_key.h"
#include "trail/store/integer_scan.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {
namespace {

constexpr std::array kRecordSections = {Section::kOpaque};

Result<bool> is_commitment(ByteView bytes) {
  Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  return !entry.is_event() && entry.record().type == kIndexRecordType;
}

}  // namespace

Status read_record(const Trail& trail, EntryIndex index, Bytes& bytes) {
  bytes.clear();
  if (index.value() >= trail.sealed_size()) return trail.entry(index, bytes);
  const uint64_t number = index.value() / kSegmentEntries;
  const auto sealed = trail.sealed().mapped(number);
  const ByteView file = sealed->mapping->bytes();
  uint64_t budget = segment_memory_bytes_max(file.size());
  std::string text;
  const auto read = [&]() -> Status {
    WEERBAAR_ASSIGN(const ByteView section, checked_section(file, sealed->head, Section::kOpaque));
    const Encoding encoding = place_of(sealed->head, Section::kOpaque).encoding;
    return scan_text(encoding, kSegmentEntries, section, budget, index.value() % kSegmentEntries, text);
  };
  if (const Status status = read(); !status) return fail_in(trail.sealed().path(number), status.error());
  append(bytes, as_bytes(text));
  return {};
}

// Finds the records through the index itself; in segments without one, and in the tails, by looking at every record.
Status IndexCommitments::load(const Trail& trail) {
  if (is_loaded_) return {};
  records_.clear();
  Bytes key;
  append_record_key(kIndexRecordType, key);
  const auto tiling = trail.sealed().indexes();
  for (const auto& index : tiling->files) {
    WEERBAAR_ASSIGN(auto postings, index->file.find(key));
    if (!postings) continue;
    for (IndexPosting posting; postings->next(posting);) records_[posting.index];
    WEERBAAR_TRY(postings->status());
  }
  for (const SegmentRange bare : tiling->bare) {
    for (uint64_t number = bare.begin; number < bare.end; ++number) {
      WEERBAAR_ASSIGN(const auto segment, trail.sealed().columns(number, kRecordSections));
      for (const uint32_t row : segment->record_rows()) {
        WEERBAAR_ASSIGN(const bool found, is_commitment(as_bytes(segment->opaque(row))));
        if (found) records_[number * kSegmentEntries + row];
      }
    }
  }
  for (const auto& tail : trail.tails()) {
    for (const uint32_t row : tail->record_rows()) {
      WEERBAAR_ASSIGN(const bool found, is_commitment(tail->entries()[row]));
      if (found) records_[tail->first_index() + row];
    }
  }
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

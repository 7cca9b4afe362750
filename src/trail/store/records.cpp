#include "trail/store/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "trail/format/entry.h"
#include "trail/format/index_key.h"
#include "trail/store/integer_scan.h"
#include "trail/store/trail.h"

namespace weerbaar::trail {
namespace {

constexpr std::array kRecordSections = {Section::kOpaque};

Result<bool> is_of_type(ByteView bytes, std::string_view type) {
  Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  return !entry.is_event() && entry.record().type == type;
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

// Through the index itself; in segments without one, and in the tails, by looking at every record.
Result<std::vector<EntryIndex>> records_of_type(const Trail& trail, std::string_view type) {
  std::vector<EntryIndex> all;
  Bytes key;
  append_record_key(type, key);
  const auto tiling = trail.sealed().indexes();
  for (const auto& index : tiling->files) {
    WEERBAAR_ASSIGN(auto postings, index->file.find(key));
    if (!postings) continue;
    for (IndexPosting posting; postings->next(posting);) all.emplace_back(posting.index);
    WEERBAAR_TRY(postings->status());
  }
  for (const SegmentRange bare : tiling->bare) {
    for (uint64_t number = bare.begin; number < bare.end; ++number) {
      WEERBAAR_ASSIGN(const auto segment, trail.sealed().columns(number, kRecordSections));
      for (const uint32_t row : segment->record_rows()) {
        WEERBAAR_ASSIGN(const bool found, is_of_type(as_bytes(segment->opaque(row)), type));
        if (found) all.emplace_back(number * kSegmentEntries + row);
      }
    }
  }
  for (const auto& tail : trail.tails()) {
    for (const uint32_t row : tail->record_rows()) {
      WEERBAAR_ASSIGN(const bool found, is_of_type(tail->entries()[row], type));
      if (found) all.emplace_back(tail->first_index() + row);
    }
  }
  std::ranges::sort(all);
  return all;
}

Result<std::string> record_body(const Trail& trail, EntryIndex index) {
  Bytes bytes;
  WEERBAAR_TRY(read_record(trail, index, bytes));
  Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  if (entry.is_event()) return fail(Code::kNotFound, fmt::format("entry {} is no record", index.value()));
  return std::string(entry.record().body);
}

}  // namespace weerbaar::trail

// A sealed segment, read: 65,536 entries as columns from which each entry is regenerated bit for bit.
// docs/formats/segment.md.
#pragma once

#include <bitset>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/column.h"
#include "trail/format/entry.h"
#include "trail/format/segment_head.h"

namespace weerbaar::trail {

// Bytes that the columns of a segment may grow to in memory, when decompressed and laid out, so that hostile bytes take
// no memory without end. Hardly any real events reach it; a writer that meets them stores their columns as they are.
constexpr uint64_t segment_memory_bytes_max(uint64_t file_bytes) {
  constexpr uint64_t kAlways = uint64_t{64} << 20U;
  constexpr uint64_t kTimes = 64;
  return file_bytes > kAlways / kTimes ? file_bytes * kTimes : kAlways;
}

// The texts of one event that its columns do not hold as they are. Reusable.
struct EventMemory {
  std::vector<StoredSubject> subjects;
  std::string id;
};

// Immutable and safe to read from several threads once open.
class Segment {
 public:
  // `file` must outlive the segment. kCorrupt names the section that is damaged. Every section's checksum is checked,
  // every code is proved to stay inside its table.
  static Result<Segment> open(ByteView file);
  // The same for some sections only: asking for anything that needs another one is a programmer's error.
  static Result<Segment> open(ByteView file, std::span<const Section> sections);

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  // The roots of each tile of 256 entries, as stored.
  [[nodiscard]] Hash tile_hash(uint64_t tile) const;

  // Appends the canonical bytes of entry `row` (0–65,535).
  void entry(uint64_t row, Bytes& out) const;
  // True when the row is an event; `event` then holds it. Views live as long as the segment and until `memory` is used
  // again.
  bool event(uint64_t row, StoredEvent& event, EventMemory& memory) const;
  // The bytes of a row that is not an event; empty when it is one.
  [[nodiscard]] std::string_view opaque(uint64_t row) const { return texts(Section::kOpaque).at(row); }
  // The rows that are no events, ascending.
  [[nodiscard]] std::span<const uint32_t> record_rows() const { return record_rows_; }
  [[nodiscard]] bool is_event(uint64_t row) const { return !is_record_[row]; }

  // Parts of the event in a row.
  [[nodiscard]] Time time(uint64_t row) const {
    return {integers(Section::kTime).at(row), static_cast<uint16_t>(integers(Section::kTimeNanos).at(row))};
  }
  [[nodiscard]] uint16_t period(uint64_t row) const {
    return static_cast<uint16_t>(integers(Section::kPeriod).at(row));
  }
  [[nodiscard]] uint64_t actor_code(uint64_t row) const {
    return static_cast<uint64_t>(integers(Section::kActorCode).at(row));
  }
  [[nodiscard]] uint64_t application_code(uint64_t row) const {
    return static_cast<uint64_t>(integers(Section::kApplicationCode).at(place_[row]));
  }
  [[nodiscard]] uint64_t operation_code(uint64_t row) const {
    return static_cast<uint64_t>(integers(operation_section_).at(place_[row]));
  }
  [[nodiscard]] bool break_glass(uint64_t row) const { return integers(Section::kBreakGlass).at(place_[row]) != 0; }
  // Codes, ascending; one stands there twice when the entry names the subject in two roles.
  [[nodiscard]] std::span<const uint32_t> subjects_of(uint64_t row) const { return subjects_in(list_of(row)); }
  [[nodiscard]] std::span<const uint32_t> subjects_in(uint64_t list) const {
    return std::span(item_subject_).subspan(list_first_[list], list_first_[list + 1] - list_first_[list]);
  }
  // Lists of subjects, of which many rows may have the same; in version 1 a list a row.
  [[nodiscard]] uint64_t lists() const { return list_first_.size() - 1; }
  [[nodiscard]] uint64_t list_of(uint64_t row) const {
    return header_.version == 1 ? row : static_cast<uint64_t>(integers(Section::kListCode).at(place_[row]));
  }
  // The items of a list: from the first one to behind the last one.
  [[nodiscard]] std::pair<uint32_t, uint32_t> items_of(uint64_t list) const {
    return {list_first_[list], list_first_[list + 1]};
  }
  // With its role.
  [[nodiscard]] StoredSubject item(uint32_t item) const;
  // Appends the id of the event.
  void id(uint64_t row, std::string& text) const;
  // The ids when they are stored as texts that end in a number, else null; and where the id of a row stands among them.
  [[nodiscard]] const NumberedColumn* numbered_ids() const { return ids_are_numbered_ ? &numbered_ids_ : nullptr; }
  [[nodiscard]] uint64_t id_place(uint64_t row) const { return id_place_[row]; }

  // Rows of the tables.
  [[nodiscard]] StoredActor actor(uint64_t code) const;
  // What an application brings to a shape, what an operation does, and both together.
  [[nodiscard]] StoredShape application(uint64_t code) const;
  [[nodiscard]] StoredShape operation(uint64_t code) const;
  [[nodiscard]] StoredShape shape(uint64_t application_code, uint64_t operation_code) const;
  // Without a role: that belongs to the entry.
  [[nodiscard]] StoredSubject subject(uint64_t code) const;

  // Columns as they are stored: rows of entries in the order of section_rules().
  [[nodiscard]] const IntegerColumn& integers(Section section) const { return integers_[slot(section)]; }
  [[nodiscard]] const TextColumn& texts(Section section) const { return texts_[slot(section)]; }
  // Where the row of an entry stands in the columns that are ordered by actor.
  [[nodiscard]] uint64_t place(uint64_t row) const { return place_[row]; }

 private:
  static constexpr size_t kSlots = 96;
  using Wanted = std::bitset<kSlots>;

  static constexpr size_t slot(Section section) { return static_cast<size_t>(section); }
  static Result<Segment> open(ByteView file, const Wanted& wanted);
  Status open_columns(ByteView file, const SegmentHead& head, const Wanted& wanted, uint64_t& budget);
  Status open_column(const SectionRule& rule, const SectionPlace& place, ByteView bytes, uint64_t& budget);
  [[nodiscard]] Status check_codes(const Wanted& wanted) const;
  void order_rows();
  Status order_ids();
  Status take_postings();
  Status take_lists(uint64_t& budget);

  SegmentHeader header_;
  std::vector<IntegerColumn> integers_;  // by section number
  std::vector<TextColumn> texts_;        // by section number
  Section operation_section_ = Section::kOperationCode;
  bool ids_are_numbered_ = false;
  NumberedColumn numbered_ids_;
  ByteView tile_hashes_;
  std::vector<uint16_t> place_;        // of each row in the order by actor
  std::vector<uint16_t> id_place_;     // of each row in the order by source
  std::vector<uint32_t> record_rows_;  // rows that are no events
  std::bitset<kSegmentEntries> is_record_;
  std::vector<uint32_t> list_first_;    // where each list begins in item_subject_; in version 1 a list a row
  std::vector<uint32_t> item_subject_;  // codes
  std::vector<uint32_t> item_posting_;  // version 1: where the item stands among the postings
};

}  // namespace weerbaar::trail

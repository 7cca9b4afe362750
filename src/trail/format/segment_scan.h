// All the entries of a segment, one after another: the same bytes as Segment::entry(), several times faster, because
// what an actor, an application, an operation and a list of subjects bring to an entry is encoded once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

// Not thread-safe. Takes memory in proportion to the rows and the tables of the segment, of tables at most
// kPieceBytesMax: where they are larger it goes the slow way.
class SegmentScan {
 public:
  static constexpr size_t kPieceBytesMax = size_t{64} << 20U;

  // The segment is open with all its sections, and outlives this.
  explicit SegmentScan(const Segment& segment);

  // Appends the canonical bytes of entry `row`. False, and nothing is appended, when they are longer than an entry may
  // be.
  bool append(uint64_t row, Bytes& out);
  // The same into memory[at] and what follows, of which it makes more when there is too little. Returns how many bytes
  // the entry has; 0 when that is more than it may.
  size_t write(uint64_t row, Bytes& memory, size_t at);
  // The id of the event that was given last, until then; empty for another entry.
  [[nodiscard]] std::string_view id() const { return id_; }
  // Whether the id of every event is known to be well-formed UTF-8 and not empty.
  [[nodiscard]] bool ids_are_texts() const { return numbered_ids_ != nullptr && numbered_ids_->are_texts(); }

 private:
  // Behind every piece, and behind what is written, so much may be read and written.
  static constexpr size_t kSpareBytes = 32;

  // What each row of a table brings, encoded: pieces, between which others come.
  template <size_t kPieces>
  class Pieces {
   public:
    // Ends a piece.
    void end() {
      if (++piece_ < kPieces) rows_.back().begins[piece_] = static_cast<uint32_t>(bytes.size());
    }
    // After the last piece of a row: how many fields of an entry they are.
    void end_row(unsigned fields) {
      rows_.back().fields = fields;
      piece_ = 0;
      rows_.emplace_back();
      rows_.back().begins[0] = static_cast<uint32_t>(bytes.size());
    }
    // No pieces afterwards.
    void close() {
      for (size_t row = 0; row + 1 < rows_.size(); ++row) {
        longest_ = std::max<size_t>(longest_, rows_[row + 1].begins[0] - rows_[row].begins[0]);
      }
      bytes.resize(bytes.size() + kSpareBytes);
    }
    // Most pieces are short: some bytes too many, which the next piece writes again, cost less than a call.
    uint8_t* copy(uint64_t row, size_t piece, uint8_t* to) const {
      const uint32_t begin = rows_[row].begins[piece];
      const uint32_t end = piece + 1 < kPieces ? rows_[row].begins[piece + 1] : rows_[row + 1].begins[0];
      const size_t size = end - begin;
      std::memcpy(to, bytes.data() + begin, kSpareBytes);
      if (size > kSpareBytes) std::memcpy(to + kSpareBytes, bytes.data() + begin + kSpareBytes, size - kSpareBytes);
      return to + size;
    }
    [[nodiscard]] unsigned fields(uint64_t row) const { return rows_[row].fields; }
    // Of all pieces of a row.
    [[nodiscard]] size_t longest() const { return longest_; }
    void prefetch_row(uint64_t row) const { __builtin_prefetch(&rows_[row]); }
    void prefetch_bytes(uint64_t row) const { __builtin_prefetch(bytes.data() + rows_[row].begins[0]); }

    Bytes bytes;

   private:
    struct Row {
      std::array<uint32_t, kPieces> begins{};
      uint32_t fields = 0;
    };

    std::vector<Row> rows_ = std::vector<Row>(1);
    size_t piece_ = 0;
    size_t longest_ = 0;
  };
  // A column of which few events have something: a text as pieces, or a number.
  struct Rare {
    uint8_t field;
    Pieces<1> pieces;
    std::vector<uint16_t> items;   // which piece, by place
    std::vector<int64_t> numbers;  // by place
  };
  // The codes of a row, by place. No table has more rows than there are entries.
  struct Codes {
    uint16_t application;
    uint16_t operation;
    uint16_t list;
  };

  bool take_actors();
  bool take_applications();
  bool take_operations();
  bool take_lists();
  bool take_rare();
  void take_rows();
  void prefetch(uint64_t row) const;
  uint8_t* write_event(uint64_t row, uint8_t* to);
  uint8_t* write_id(uint64_t row, uint8_t* to);
  uint8_t* write_times(uint64_t row, uint8_t* to) const;
  uint8_t* write_rare(const Rare& rare, uint64_t place, uint8_t* to) const;
  [[nodiscard]] unsigned rare_fields(uint64_t place) const;
  size_t write_slowly(uint64_t row, Bytes& memory, size_t at);
  [[nodiscard]] bool fits() const;

  const Segment& segment_;
  bool is_slow_ = false;
  Pieces<1> actors_;
  Pieces<3> applications_;
  Pieces<3> operations_;
  Pieces<1> lists_;
  std::vector<Rare> rare_;  // the columns that are not empty throughout, in the order of their keys
  size_t rare_bytes_ = 0;   // of their pieces
  size_t row_bytes_max_ = 0;
  const NumberedColumn* numbered_ids_ = nullptr;
  std::vector<int64_t> micros_;
  std::vector<uint16_t> nanos_;  // empty when no event has any
  std::vector<int64_t> received_;
  std::vector<uint16_t> periods_;
  std::vector<uint16_t> actor_codes_;
  std::vector<Codes> codes_;
  Bytes slow_;
  Bytes entry_;
  std::string id_text_;
  std::string_view id_;
};

}  // namespace weerbaar::trail

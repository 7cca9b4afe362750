// All the entries of a segment, one after another: the same bytes as Segment::entry(), several times faster, because
// what an actor, an application, an operation and a list of subjects bring to an entry is encoded once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

// Not thread-safe. Takes memory in proportion to the tables of the segment, at most kPieceBytesMax: where they are
// larger it goes the slow way.
class SegmentScan {
 public:
  static constexpr size_t kPieceBytesMax = size_t{64} << 20U;

  // The segment is open with all its sections, and outlives this.
  explicit SegmentScan(const Segment& segment);

  // Appends the canonical bytes of entry `row`. False, and nothing is appended, when they are longer than an entry may
  // be.
  bool append(uint64_t row, Bytes& out);
  // The id of the event that was appended last; empty for another entry.
  [[nodiscard]] std::string_view id() const { return id_; }

 private:
  // What each row of a table brings, encoded: up to three pieces, between which others come.
  class Pieces {
   public:
    // Ends a piece.
    void end() { ends_.push_back(static_cast<uint32_t>(bytes.size())); }
    void end_row(unsigned fields) { fields_.push_back(static_cast<uint8_t>(fields)); }
    [[nodiscard]] std::string_view piece(uint64_t number) const {
      const uint32_t begin = number == 0 ? 0 : ends_[number - 1];
      return as_text(ByteView(bytes)).substr(begin, ends_[number] - begin);
    }
    [[nodiscard]] unsigned fields(uint64_t row) const { return fields_[row]; }

    Bytes bytes;

   private:
    std::vector<uint32_t> ends_;
    std::vector<uint8_t> fields_;
  };

  bool take_actors();
  bool take_applications();
  bool take_operations();
  bool take_lists();
  // Takes what the columns hold that most applications never fill in; the number of fields.
  unsigned take_rare(uint64_t place);
  [[nodiscard]] bool fits() const;

  const Segment& segment_;
  bool is_slow_ = false;
  Pieces actors_;
  Pieces applications_;
  Pieces operations_;
  Pieces lists_;
  std::vector<uint8_t> rare_;  // the columns that are not empty throughout, in the order of their keys
  Bytes rare_bytes_;           // of the row at hand, encoded
  std::string id_;
};

}  // namespace weerbaar::trail

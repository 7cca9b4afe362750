// What the tables and columns of a segment hold: whether it can stand in an entry.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "trail/format/entry.h"
#include "trail/format/segment.h"

namespace weerbaar::trail {

bool is_same_event(const StoredEvent& a, const StoredEvent& b);

// An entry that is made of parts that are right, and of an id that is a text and not empty, is canonical and says
// exactly what the columns say, unless it is too long: so it need not be read back. Each row of a table is looked at
// once, not each entry. Immutable.
class SegmentParts {
 public:
  explicit SegmentParts(const Segment& segment);

  // Whether an entry with the subjects of this row could be encoded at all. What cannot must not be tried, for it may
  // take far more memory and time than any entry.
  [[nodiscard]] bool fits(uint64_t row) const { return all_are_right_ || lists_fit_[segment_.list_of(row)] != 0; }
  // Whether all that the event in this row is made of is right, but for its id.
  [[nodiscard]] bool is_right(uint64_t row) const {
    return all_are_right_ ||
           (columns_are_right_ && actors_[segment_.actor_code(row)] && applications_[segment_.application_code(row)] &&
            operations_[segment_.operation_code(row)] && lists_[segment_.list_of(row)]);
  }

 private:
  void check_actors();
  void check_applications();
  void check_operations();
  void check_lists();
  [[nodiscard]] bool only_records_are_blank() const;
  [[nodiscard]] bool is_canonical(uint32_t first, uint32_t end) const;
  bool check_texts();
  [[nodiscard]] bool check_numbers() const;
  [[nodiscard]] bool lies_between(Section section, int64_t low, int64_t high) const;
  // Whether an event with all of this, and nothing else, comes back from its bytes.
  bool comes_back(const StoredEvent& example);

  const Segment& segment_;
  Bytes bytes_;
  Entry decoded_;
  bool columns_are_right_ = false;
  bool all_are_right_ = false;
  // By the codes of the tables; each 0 or 1.
  std::vector<uint8_t> actors_;
  std::vector<uint8_t> applications_;
  std::vector<uint8_t> operations_;
  std::vector<uint8_t> lists_;
  std::vector<uint8_t> lists_fit_;
};

}  // namespace weerbaar::trail

// Counts the events of segments and tails, as one thread does that is given some of them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/segment_head.h"
#include "trail/store/count_part.h"
#include "trail/store/count_table.h"
#include "trail/store/entry_parts.h"
#include "trail/store/integer_scan.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {

// Not thread-safe. Its memory is taken once and used for each segment again.
class Counter {
 public:
  // `query` must outlive it.
  explicit Counter(const CountQuery& query);

  // Reads the sections concerned and no others. kCorrupt names the one that is damaged; what was counted is void then.
  Status add(ByteView file, const SegmentHead& head);
  // An event of a tail, which must outlive it.
  void add(const EntryParts& event);
  // Adds what another one counted for the same query.
  void add(const Counter& other);
  [[nodiscard]] std::vector<CountGroup> groups() const;

 private:
  // The numbers that the rows of a table have in one part, made dense: a digit each, and one more for what is left out.
  struct Digits {
    std::vector<uint32_t> of_code;
    std::vector<uint32_t> numbers = {0};  // by digit

    [[nodiscard]] uint32_t left_out() const { return static_cast<uint32_t>(numbers.size()); }
    [[nodiscard]] uint32_t limit() const { return left_out() + 1; }
  };
  // That of the segment before: segments that follow each other often have the same one.
  struct Table {
    Bytes bytes;
    Digits digits;
  };
  // Rows from where the one before it ends.
  struct Stretch {
    uint64_t end = 0;
    uint32_t digit = 0;
  };
  struct Source {
    ByteView file;
    const SegmentHead& head;
  };

  [[nodiscard]] bool asks(Origin origin) const { return parts_[static_cast<size_t>(origin)].is_asked(); }
  [[nodiscard]] CountPart& part(Origin origin) { return parts_[static_cast<size_t>(origin)]; }
  [[nodiscard]] Digits& digits(Origin origin) { return tables_[static_cast<size_t>(origin)].digits; }

  struct ShapeNumbers {
    uint32_t application = 0;
    uint32_t operation = 0;
  };
  template <class ValueOf>
  uint32_t number(Origin origin, ValueOf value_of_field);
  const ShapeNumbers& shape_numbers(std::string_view encoded);
  uint32_t actor_number(std::string_view encoded);

  Status take_records(const Source& source);
  Status take_times(const Source& source);
  void take_time_digits(int64_t first_micros);
  [[nodiscard]] size_t end_of_unit(size_t row, int64_t unit) const;
  void lay_out_times();
  uint32_t time_number(int64_t unit);
  uint32_t make_time_number(int64_t unit);
  [[nodiscard]] std::vector<CountCell> cells() const;
  Status take_tables(const Source& source);
  Status take_table(const Source& source, Origin origin, uint64_t rows);
  Status take_actor_codes(const Source& source);
  Status take_codes(const Source& source, Origin origin);
  Status count_rows(const Source& source);
  Status count_stretches(const Source& source, Origin origin);
  void walk_stretches(std::span<const uint32_t> digit_of, uint32_t limit);
  Status take_off_records(uint32_t limit, uint32_t digit);
  template <class Kind>
  Status count_kinds(const Source& source, std::vector<Kind>& kinds);
  template <class Kind>
  void place_times(std::vector<Kind>& kinds);
  void give_dense();
  void give(uint64_t kind, uint64_t events);
  [[nodiscard]] uint64_t kinds_max();

  const CountQuery& query_;
  std::array<CountPart, kOrigins> parts_;  // by origin, as all of them
  std::array<Table, kOrigins> tables_;
  std::unordered_map<int64_t, uint32_t> time_numbers_;
  bool has_last_time_ = false;
  int64_t last_unit_ = 0;
  uint32_t last_time_number_ = 0;
  CountTable counts_;
  std::vector<CountCell> taken_;  // from others: groups_of() puts equal ones together
  // Of the entries of tails, as they are encoded there; and what each counts as.
  ValueTable<std::string_view> shapes_;
  ValueTable<std::string_view> actors_;
  std::vector<ShapeNumbers> shape_numbers_;
  std::vector<uint32_t> actor_numbers_;
  std::vector<std::string_view> values_;
  int64_t unit_micros_;  // within one such unit all that is asked of times is the same

  // Of the segment at hand.
  std::vector<uint32_t> records_;     // rows that are no events
  std::vector<uint32_t> time_digit_;  // of each row, once they are laid out
  std::vector<Stretch> stretches_;    // of equal digits, rows of records among them
  std::vector<int64_t> numbers_;
  std::vector<int64_t> actor_codes_;
  std::vector<uint32_t> next_place_;  // of each actor, in the order of the actor
  std::vector<uint32_t> rows_of_;     // of each actor in each stretch
  IntegerRuns runs_;
  std::vector<uint32_t> kinds_;
  std::vector<uint64_t> wide_kinds_;
  std::vector<uint32_t> dense_;
};

}  // namespace weerbaar::trail

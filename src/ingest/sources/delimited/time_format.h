// Reads times written by a pattern, as strptime does, but guesses nothing.
//
//   %Y  year, four digits                      %H  hour, 0–23
//   %y  year, two digits, with a century       %M  minute
//   %m  month                                  %S  second, 0–60
//   %b  month, three letters, English or       %f  fraction of the second, 1–9 digits
//       Dutch, in any case                     %z  Z, +01:00 or +0100
//   %d  day of the month                       %%  a percent sign
//   %j  day of the year, three digits          every other character stands for itself
//
// Or, alone: %s, seconds since 1970-01-01T00:00:00Z, or %Q, milliseconds since then.
//
// %m, %d and %H may have one digit where their neighbours are not digits; else two, as %M and %S always. %j has three.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::ingest::delimited {

// What a clock on the wall showed.
struct LocalTime {
  int64_t seconds = 0;            // since 1970-01-01T00:00:00 of the same clock
  uint32_t nanos = 0;             // 0–999,999,999
  std::optional<int32_t> offset;  // seconds east of UTC, where the text says so (%z)
};

class TimeFormat {
 public:
  // kInvalid when the pattern has an unknown or double directive, cannot tell a date and time of day, has %y without a
  // century, or is ambiguous (%f before digits). `century`: 19 or 20 for 19yy and 20yy.
  static Result<TimeFormat> create(std::string_view pattern, std::optional<unsigned> century);

  // kInvalid when the text does not follow the pattern or names a moment that is not in the calendar. The reason does
  // not repeat the text. Seconds and fraction that the pattern lacks are zero; :60 is the second after :59.
  [[nodiscard]] Result<LocalTime> parse(std::string_view text) const;

  // The text itself says how far it is from UTC, as a count since 1970 does too.
  [[nodiscard]] bool has_offset() const { return has_offset_; }
  [[nodiscard]] const std::string& pattern() const { return pattern_; }

 private:
  struct Item {
    char directive;  // 0: the literal
    char literal;
    uint8_t digits_min;
    uint8_t digits_max;
  };

  static bool starts_with_digit(const Item& item);
  Status add_items(std::string_view pattern);
  [[nodiscard]] bool has(char directive) const;
  [[nodiscard]] Status check() const;
  void set_widths();
  [[nodiscard]] Result<LocalTime> parse_count(std::string_view text) const;

  std::string pattern_;
  std::vector<Item> items_;
  int64_t century_years_ = 0;
  bool has_offset_ = false;
  int64_t ticks_a_second_ = 0;  // of a count since 1970; 0: the pattern is no count
};

}  // namespace weerbaar::ingest::delimited

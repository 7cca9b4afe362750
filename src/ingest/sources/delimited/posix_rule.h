// The TZ rule of POSIX.1 with the extensions of RFC 8536 section 3.3.1: "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace weerbaar::ingest::delimited {

// When in a year the clock changes.
struct YearlyChange {
  enum class Kind : uint8_t { kMonthWeekDay, kJulianWithoutLeapDay, kDayOfYear };
  Kind kind = Kind::kMonthWeekDay;
  unsigned month = 0;        // 1–12
  unsigned week = 0;         // 1–5; 5: the last
  unsigned weekday = 0;      // 0: Sunday
  unsigned day = 0;          // 1–365, or 0–365
  int32_t time = 2 * 3'600;  // seconds after midnight of the clock before the change; may lie on another day

  // Seconds since 1970 of the clock before the change.
  [[nodiscard]] int64_t in_year(int64_t year) const;
};

struct PosixRule {
  int32_t standard_offset = 0;  // seconds east of UTC
  struct Daylight {
    int32_t offset = 0;
    YearlyChange start;
    YearlyChange end;
  };
  std::optional<Daylight> daylight;

  // kInvalid when `text` is not such a rule.
  static Result<PosixRule> parse(std::string_view text);
};

}  // namespace weerbaar::ingest::delimited

// Moments in time, always UTC.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weerbaar {

// A moment with a resolution of 1 ns: microseconds since 1970-01-01T00:00:00Z (negative before), and 0–999 ns on top.
// Covers the years 0000–9999 of RFC 3339, which 64 bits of nanoseconds do not.
struct Time {
  int64_t micros = 0;
  uint16_t nanos = 0;

  auto operator<=>(const Time&) const = default;
};

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: the moments that RFC 3339 can write.
inline constexpr int64_t kMicrosMin = -62'167'219'200 * kMicrosPerSecond;
inline constexpr int64_t kMicrosMax = 253'402'300'799 * kMicrosPerSecond + 999'999;

// RFC 3339 section 5.6, up to nine fraction digits; a leap second (:60) is taken as the second after it.
// kInvalid with a reason that does not repeat the input: missing zone, impossible date, more than nine digits ….
Result<Time> parse_time(std::string_view text);

// parse_time, or a date (2026-03-02: its first moment, UTC). For command lines.
Result<Time> parse_time_or_date(std::string_view text);

// Shortest of seconds, milli-, micro- or nanoseconds that loses nothing: 2026-03-02T07:14:03.412Z.
std::string format_time(Time time);

// Days since 1970-01-01 of a calendar date in the proleptic Gregorian calendar; month 1–12, day 1–31.
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);

struct Civil {
  int64_t year;
  unsigned month;  // 1–12
  unsigned day;    // 1–31
};
Civil civil_from_days(int64_t days);

// Floor division: the day, or the hour, in which a moment before 1970 falls too.
constexpr int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

}  // namespace weerbaar

#include "base/time.h"

#include <fmt/format.h>

#include <optional>

namespace weerbaar {
namespace {

// Reads exactly `digits` decimal digits.
std::optional<unsigned> number(std::string_view text, size_t at, size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  unsigned value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return value;
}

unsigned days_in_month(int64_t year, unsigned month) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool has(std::string_view text, size_t at, char c) {
  return at < text.size() && text[at] == c;
}

Result<int64_t> parse_date(std::string_view text) {
  const auto year = number(text, 0, 4);
  const auto month = number(text, 5, 2);
  const auto day = number(text, 8, 2);
  if (!year || !month || !day || !has(text, 4, '-') || !has(text, 7, '-')) {
    return fail(Code::kInvalid, "the date is not written as YYYY-MM-DD");
  }
  if (*month < 1 || *month > 12 || *day < 1 || *day > days_in_month(*year, *month)) {
    return fail(Code::kInvalid, "the date does not exist in the calendar");
  }
  return days_from_civil(*year, *month, *day);
}

// The zone at `at` to the end, in minutes east of UTC.
Result<int64_t> parse_zone(std::string_view text, size_t at) {
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) return 0;
  const auto hours = number(text, at + 1, 2);
  const auto minutes = number(text, at + 4, 2);
  if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || !has(text, at + 3, ':') || !hours || !minutes) {
    return fail(Code::kInvalid, "the time has no zone: end it with Z or an offset such as +01:00");
  }
  if (*hours > 23 || *minutes > 59) return fail(Code::kInvalid, "the zone offset is out of range");
  const int64_t offset = static_cast<int64_t>(*hours) * 60 + *minutes;
  return text[at] == '-' ? -offset : offset;
}

}  // namespace

int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
  // Counts from 1 March of year 0, so that the leap day is the last day of its year.
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = floor_div(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t month_from_march = (static_cast<int64_t>(month) + 9) % 12;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Civil civil_from_days(int64_t days) {
  const int64_t shifted = days + 719'468;
  const int64_t era = floor_div(shifted, 146'097);
  const int64_t day_of_era = shifted - era * 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month = static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

Result<Time> parse_time(std::string_view text) {
  WEERBAAR_ASSIGN(const int64_t days, parse_date(text));
  const auto hour = number(text, 11, 2);
  const auto minute = number(text, 14, 2);
  const auto second = number(text, 17, 2);
  if (!(has(text, 10, 'T') || has(text, 10, 't')) || !hour || !minute || !second || !has(text, 13, ':') ||
      !has(text, 16, ':')) {
    return fail(Code::kInvalid, "the time is not written as YYYY-MM-DDThh:mm:ss with a zone (RFC 3339)");
  }
  if (*hour > 23 || *minute > 59 || *second > 60) return fail(Code::kInvalid, "the time of day does not exist");
  size_t at = 19;
  uint64_t nanos = 0;
  if (has(text, at, '.')) {
    size_t digits = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      if (digits == 9) return fail(Code::kInvalid, "the time has more than nine fraction digits");
      nanos = nanos * 10 + static_cast<uint64_t>(text[at] - '0');
    }
    if (digits == 0) return fail(Code::kInvalid, "the time has a point without fraction digits");
    for (; digits < 9; ++digits) nanos *= 10;
  }
  if (at >= text.size()) {
    return fail(Code::kInvalid, "the time has no zone: end it with Z or an offset such as +01:00");
  }
  WEERBAAR_ASSIGN(const int64_t offset_minutes, parse_zone(text, at));
  const int64_t seconds =
      days * 86'400 + *hour * 3'600 + *minute * 60 + static_cast<int64_t>(*second) - offset_minutes * 60;
  const Time time{seconds * kMicrosPerSecond + static_cast<int64_t>(nanos / 1'000),
                  static_cast<uint16_t>(nanos % 1'000)};
  if (time.micros < kMicrosMin || time.micros > kMicrosMax) {
    return fail(Code::kInvalid, "the time falls outside the years 0000 to 9999 in UTC");
  }
  return time;
}

Result<Time> parse_time_or_date(std::string_view text) {
  if (text.size() != 10) return parse_time(text);
  WEERBAAR_ASSIGN(const int64_t days, parse_date(text));
  return Time{days * kMicrosPerDay, 0};
}

std::string format_time(Time time) {
  const int64_t days = floor_div(time.micros, kMicrosPerDay);
  const int64_t of_day = time.micros - days * kMicrosPerDay;
  const int64_t seconds = of_day / kMicrosPerSecond;
  const int64_t nanos = of_day % kMicrosPerSecond * 1'000 + time.nanos;
  const Civil date = civil_from_days(days);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day,
                                 seconds / 3'600, seconds / 60 % 60, seconds % 60);
  if (nanos % 1'000 != 0) {
    text += fmt::format(".{:09}", nanos);
  } else if (nanos % 1'000'000 != 0) {
    text += fmt::format(".{:06}", nanos / 1'000);
  } else if (nanos != 0) {
    text += fmt::format(".{:03}", nanos / 1'000'000);
  }
  return text + "Z";
}

}  // namespace weerbaar

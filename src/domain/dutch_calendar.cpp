#include "domain/dutch_calendar.h"

#include "base/time.h"

namespace weerbaar {
namespace {

constexpr int64_t kSaturday = 5;
constexpr int64_t kSunday = 6;

bool is_public_holiday(int64_t day) {
  const Civil date = civil_from_days(day);
  const auto is = [&](unsigned month, unsigned of_month) { return date.month == month && date.day == of_month; };
  if (is(1, 1) || is(5, 5) || is(12, 25) || is(12, 26)) return true;
  // King's Day moves to the Saturday when it would be a Sunday.
  if (is(4, 27) && weekday(day) != kSunday) return true;
  if (is(4, 26) && weekday(day) == kSaturday) return true;
  const int64_t after_easter = day - easter(date.year);
  constexpr int64_t kEasterMonday = 1;
  constexpr int64_t kAscension = 39;
  constexpr int64_t kWhitMonday = 50;
  return after_easter == kEasterMonday || after_easter == kAscension || after_easter == kWhitMonday;
}

}  // namespace

int64_t weekday(int64_t day) {
  // 1970-01-01 was a Thursday.
  const int64_t shifted = (day + 3) % 7;
  return shifted < 0 ? shifted + 7 : shifted;
}

bool is_day_off(int64_t day) {
  return weekday(day) >= kSaturday || is_public_holiday(day);
}

int64_t easter(int64_t year) {
  const int64_t a = year % 19;
  const int64_t b = year / 100;
  const int64_t c = year % 100;
  const int64_t d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int64_t e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
  const int64_t f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
  return days_from_civil(year, static_cast<unsigned>(f / 31), static_cast<unsigned>(f % 31 + 1));
}

}  // namespace weerbaar

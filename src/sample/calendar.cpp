#include "sample/calendar.h"

#include "base/time.h"

namespace weerbaar::sample {
namespace {

int64_t last_sunday(int64_t year, unsigned month) {
  const int64_t last = days_from_civil(year, month, 31);
  return last - (weekday(last) + 1) % 7;
}

}  // namespace

bool is_return_season(int64_t day) {
  const unsigned month = civil_from_days(day).month;
  return month == 3 || month == 4;
}

bool is_spring_holiday(int64_t day) {
  const int64_t middle = days_from_civil(civil_from_days(day).year, 2, 20);
  const int64_t monday = middle - weekday(middle);
  return day >= monday && day < monday + 7;
}

int64_t micros_at(int64_t day, int64_t second) {
  constexpr int64_t kChange = 3 * kHour;
  const int64_t year = civil_from_days(day).year;
  const int64_t begin = last_sunday(year, 3);
  const int64_t end = last_sunday(year, 10);
  const bool is_summer =
      (day > begin || (day == begin && second >= kChange)) && (day < end || (day == end && second < kChange));
  return (day * 86'400 + second - (is_summer ? 2 : 1) * kHour) * kMicrosPerSecond;
}

}  // namespace weerbaar::sample

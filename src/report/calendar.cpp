#include "report/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "domain/dutch_calendar.h"

namespace weerbaar::report {
namespace {

constexpr int64_t kMonths = 12;
constexpr int64_t kYearMin = 1'970;
constexpr int64_t kYearMax = 9'998;
constexpr int64_t kSecondsOfHour = 3'600;
constexpr int64_t kSecondsOfDay = 24 * kSecondsOfHour;

bool read_number(std::string_view text, int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && text[0] != '-';
}

}  // namespace

Result<Month> parse_month(std::string_view text) {
  constexpr size_t kLength = 7;
  constexpr size_t kDash = 4;
  int64_t year = 0;
  int64_t month = 0;
  if (text.size() != kLength || text[kDash] != '-' || !read_number(text.substr(0, kDash), year) ||
      !read_number(text.substr(kDash + 1), month) || year < kYearMin || year > kYearMax || month < 1 ||
      month > kMonths) {
    return fail(Code::kInvalid, "the month is written as 2026-03");
  }
  return Month{year * kMonths + month - 1};
}

std::string format_month(Month month) {
  return fmt::format("{:04}-{:02}", month.number / kMonths, month.number % kMonths + 1);
}

int64_t first_day_of(Month month) {
  return days_from_civil(month.number / kMonths, static_cast<unsigned>(month.number % kMonths + 1), 1);
}

uint32_t days_of(Month month) {
  return static_cast<uint32_t>(first_day_of({month.number + 1}) - first_day_of(month));
}

int64_t Calendar::local(int64_t micros) const {
  const int64_t seconds = floor_div(micros, kMicrosPerSecond);
  return seconds + zone_.offset_at(seconds);
}

Time Calendar::begin_of_day(int64_t day) const {
  const int64_t wall = day * kSecondsOfDay;
  // Where midnight was skipped, the offset before it gives the moment of the change.
  const auto moments = zone_.moments_of(wall);
  const int64_t utc = moments.count > 0 ? moments.earlier : wall - zone_.offset_at(wall - kSecondsOfDay);
  return Time{utc * kMicrosPerSecond, 0};
}

trail::TimeRange Calendar::range_of(Month first, Month last) const {
  return {begin_of_day(first_day_of(first)), begin_of_day(first_day_of({last.number + 1}))};
}

uint32_t Calendar::days_over(Month month, Time now) const {
  const int64_t over = floor_div(local(now.micros), kSecondsOfDay) - first_day_of(month);
  return static_cast<uint32_t>(std::clamp<int64_t>(over, 0, days_of(month)));
}

Month Calendar::month_of(int64_t micros) const {
  const Civil civil = civil_from_days(floor_div(local(micros), kSecondsOfDay));
  return {civil.year * kMonths + civil.month - 1};
}

uint32_t Calendar::day_of_month(int64_t micros) const {
  return civil_from_days(floor_div(local(micros), kSecondsOfDay)).day - 1;
}

bool Calendar::is_in_office_hours(int64_t micros) const {
  const int64_t wall = local(micros);
  const int64_t day = floor_div(wall, kSecondsOfDay);
  const int64_t hour = (wall - day * kSecondsOfDay) / kSecondsOfHour;
  return hour >= hours_.begin && hour < hours_.end && !is_day_off(day);
}

}  // namespace weerbaar::report

// The Dutch calendar: days off, seasons and the clock on the wall.
//
// A day is the number of days since 1970-01-01, a second is one of the clock on the wall since midnight.
#pragma once

#include <cstdint>

namespace weerbaar::sample {

inline constexpr int64_t kHour = 3'600;
inline constexpr int64_t kMinute = 60;

// 0 is Monday, 6 is Sunday.
int64_t weekday(int64_t day);
// A day on which offices are closed: weekends, and New Year, Easter Monday, King's Day, Liberation Day, Ascension Day,
// Whit Monday and both days of Christmas.
bool is_day_off(int64_t day);
// Easter Sunday of a year, by the anonymous Gregorian computus (Meeus, "Astronomical algorithms", chapter 8).
int64_t easter(int64_t year);
// March and April, in which tax returns come in.
bool is_return_season(int64_t day);
// The week of the spring holiday of schools: the one that holds 20 February.
bool is_spring_holiday(int64_t day);
// Microseconds since 1970 UTC of a second of the wall clock. Summer time begins and ends at three o'clock, on the last
// Sundays of March and October; of the hour that the clock then shows twice it is the first.
int64_t micros_at(int64_t day, int64_t second);

}  // namespace weerbaar::sample

// The Dutch calendar: days on which offices are closed.
//
// A day is the number of days since 1970-01-01.
#pragma once

#include <cstdint>

namespace weerbaar {

// 0 is Monday, 6 is Sunday.
int64_t weekday(int64_t day);
// Easter Sunday of a year, by the anonymous Gregorian computus (Meeus, "Astronomical algorithms", chapter 8).
int64_t easter(int64_t year);
// Weekends, and New Year, Easter Monday, King's Day (of which the day before counts when it is a Sunday), Liberation
// Day, Ascension Day, Whit Monday and both days of Christmas. Good Friday is a working day of the State.
bool is_day_off(int64_t day);

}  // namespace weerbaar

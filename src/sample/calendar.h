// Seasons and the clock on the wall of the Netherlands, beside its days off.
//
// A day is the number of days since 1970-01-01, a second is one of the clock on the wall since midnight.
#pragma once

#include <cstdint>

#include "domain/dutch_calendar.h"

namespace weerbaar::sample {

inline constexpr int64_t kHour = 3'600;
inline constexpr int64_t kMinute = 60;

// March and April, in which tax returns come in.
bool is_return_season(int64_t day);
// The week of the spring holiday of schools: the one that holds 20 February.
bool is_spring_holiday(int64_t day);
// Microseconds since 1970 UTC of a second of the wall clock. Summer time begins and ends at three o'clock, on the last
// Sundays of March and October; of the hour that the clock then shows twice it is the first.
int64_t micros_at(int64_t day, int64_t second);

}  // namespace weerbaar::sample

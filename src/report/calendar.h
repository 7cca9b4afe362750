// Months, days and office hours as the clock on the wall shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/sources/delimited/time_zone.h"
#include "trail/store/search.h"

namespace weerbaar::report {

// A calendar month: months since January of the year 0.
struct Month {
  int64_t number = 0;

  auto operator<=>(const Month&) const = default;
};
// "2026-03", of the years 1970 to 9998. kInvalid when it is something else.
Result<Month> parse_month(std::string_view text);
std::string format_month(Month month);

struct OfficeHours {
  int64_t begin = 6;  // hours of the day, of days that are no day off
  int64_t end = 19;
};

class Calendar {
 public:
  Calendar(ingest::delimited::TimeZone zone, OfficeHours hours) : zone_(std::move(zone)), hours_(hours) {}

  // From its first moment up to, not including, that of the next.
  [[nodiscard]] trail::TimeRange range_of(Month first, Month last) const;
  // The first moment of a day, which is counted from 1970.
  [[nodiscard]] Time begin_of_day(int64_t day) const;
  // How many days of the month are over at that moment.
  [[nodiscard]] uint32_t days_over(Month month, Time now) const;
  // In microseconds since 1970.
  [[nodiscard]] Month month_of(int64_t micros) const;
  // From 0.
  [[nodiscard]] uint32_t day_of_month(int64_t micros) const;
  [[nodiscard]] bool is_in_office_hours(int64_t micros) const;

 private:
  [[nodiscard]] int64_t local(int64_t micros) const;

  ingest::delimited::TimeZone zone_;
  OfficeHours hours_;
};

// Days since 1970 of its first day, and how many it has.
int64_t first_day_of(Month month);
uint32_t days_of(Month month);

}  // namespace weerbaar::report

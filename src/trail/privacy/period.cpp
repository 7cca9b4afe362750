#include "trail/privacy/period.h"

#include <fmt/format.h>

#include <algorithm>

namespace weerbaar::trail {

Period period_of(Time time) {
  const Civil date = civil_from_days(floor_div(time.micros, kMicrosPerDay));
  const int64_t number = date.year * 4 + (date.month - 1) / 3;
  return {static_cast<uint16_t>(std::clamp(number, int64_t{kPeriodFirst.number}, int64_t{kPeriodLast.number}))};
}

std::string to_string(Period period) {
  return fmt::format("{:04}-Q{}", period.number / 4, period.number % 4 + 1);
}

Result<Period> parse_period(std::string_view text) {
  constexpr std::string_view kRemedy =
      "a period is written as 2026-Q1: a year from 1970 to 9999 and a quarter from 1 to 4";
  if (text.size() != 7 || text.substr(4, 2) != "-Q") return fail(Code::kInvalid, std::string(kRemedy));
  unsigned year = 0;
  for (const char c : text.substr(0, 4)) {
    if (c < '0' || c > '9') return fail(Code::kInvalid, std::string(kRemedy));
    year = year * 10 + static_cast<unsigned>(c - '0');
  }
  if (year < 1970 || text[6] < '1' || text[6] > '4') return fail(Code::kInvalid, std::string(kRemedy));
  return Period{static_cast<uint16_t>(year * 4 + static_cast<unsigned>(text[6] - '1'))};
}

Time start_of(Period period) {
  const int64_t days = days_from_civil(period.number / 4, static_cast<unsigned>(period.number % 4 * 3 + 1), 1);
  return {days * kMicrosPerDay, 0};
}

Time end_of(Period period) {
  return start_of({static_cast<uint16_t>(period.number + 1)});
}

}  // namespace weerbaar::trail

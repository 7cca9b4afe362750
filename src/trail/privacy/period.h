// The period of a key: a calendar quarter in UTC, "2026-Q1". What the trail stores about people is readable only with
// the key of the period in which it happened.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace weerbaar::trail {

// year * 4 + quarter, quarters from 0: 2026-Q1 is 8104. Written to disk; never renumber.
struct Period {
  uint16_t number = 0;

  auto operator<=>(const Period&) const = default;
};

inline constexpr Period kPeriodFirst{1970 * 4};     // 1970-Q1
inline constexpr Period kPeriodLast{9999 * 4 + 3};  // 9999-Q4

// The quarter of a moment. Moments before 1970 belong to kPeriodFirst, moments after 9999 to kPeriodLast, so that a
// clock gone wrong still gives a period.
Period period_of(Time time);

constexpr bool is_period(uint64_t number) {
  return number >= kPeriodFirst.number && number <= kPeriodLast.number;
}

// "2026-Q1".
std::string to_string(Period period);
// kInvalid unless written exactly so, from 1970-Q1 to 9999-Q4.
Result<Period> parse_period(std::string_view text);

// The moments of the quarter are those from `start_of` up to, not including, `end_of`.
Time start_of(Period period);
Time end_of(Period period);

}  // namespace weerbaar::trail

template <>
struct std::hash<weerbaar::trail::Period> {
  size_t operator()(weerbaar::trail::Period period) const noexcept { return period.number; }
};

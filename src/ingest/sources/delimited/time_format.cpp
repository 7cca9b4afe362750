#include "ingest/sources/delimited/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/time.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr std::string_view kDirectives = "YymdjbHMSfz";
constexpr std::string_view kNumeric = "YymdjHMSf";

struct MonthName {
  std::string_view name;
  unsigned month;
};
constexpr MonthName kMonthNames[] = {{"jan", 1}, {"feb", 2},  {"mar", 3},  {"mrt", 3},  {"apr", 4},
                                     {"may", 5}, {"mei", 5},  {"jun", 6},  {"jul", 7},  {"aug", 8},
                                     {"sep", 9}, {"oct", 10}, {"okt", 10}, {"nov", 11}, {"dec", 12}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What the directives of a text said, before it is a date.
struct Parts {
  int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned day_of_year = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  uint32_t nanos = 0;
  std::optional<int32_t> offset;
};

// Takes the month name that `rest` starts with; 0 when there is none.
unsigned take_month_name(std::string_view& rest) {
  if (rest.size() < 3) return 0;
  std::array<char, 3> lower{};
  std::transform(rest.begin(), rest.begin() + 3, lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  for (const MonthName& known : kMonthNames) {
    if (known.name != std::string_view(lower.data(), lower.size())) continue;
    rest.remove_prefix(3);
    return known.month;
  }
  return 0;
}

std::optional<unsigned> take_digits(std::string_view& rest, size_t digits_min, size_t digits_max, size_t& digits) {
  unsigned value = 0;
  digits = 0;
  while (digits < digits_max && digits < rest.size() && is_digit(rest[digits])) {
    value = value * 10 + static_cast<unsigned>(rest[digits++] - '0');
  }
  if (digits < digits_min) return std::nullopt;
  rest.remove_prefix(digits);
  return value;
}

// Z, +hh:mm or +hhmm, in seconds.
std::optional<int32_t> take_offset(std::string_view& rest) {
  if (rest.starts_with('Z')) {
    rest.remove_prefix(1);
    return 0;
  }
  if (!rest.starts_with('+') && !rest.starts_with('-')) return std::nullopt;
  const int32_t sign = rest.front() == '-' ? -1 : 1;
  rest.remove_prefix(1);
  size_t digits = 0;
  const auto hours = take_digits(rest, 2, 2, digits);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const auto minutes = take_digits(rest, 2, 2, digits);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * static_cast<int32_t>(*hours * 3'600 + *minutes * 60);
}

// Puts a number in its place.
void set_part(Parts& parts, char directive, unsigned value, size_t digits, int64_t century_years) {
  switch (directive) {
    case 'Y':
      parts.year = value;
      break;
    case 'y':
      parts.year = century_years + value;
      break;
    case 'm':
      parts.month = value;
      break;
    case 'd':
      parts.day = value;
      break;
    case 'j':
      parts.day_of_year = value;
      break;
    case 'H':
      parts.hour = value;
      break;
    case 'M':
      parts.minute = value;
      break;
    case 'S':
      parts.second = value;
      break;
    default:
      for (; digits < 9; ++digits) value *= 10;
      parts.nanos = value;
  }
}

Result<LocalTime> local_time(const Parts& parts, bool by_day_of_year) {
  int64_t days = 0;
  bool exists = false;
  if (by_day_of_year) {
    days = days_from_civil(parts.year, 1, 1) + parts.day_of_year - 1;
    exists = parts.day_of_year >= 1 && civil_from_days(days).year == parts.year;
  } else if (parts.month >= 1 && parts.month <= 12 && parts.day >= 1 && parts.day <= 31) {
    days = days_from_civil(parts.year, parts.month, parts.day);
    exists = civil_from_days(days).month == parts.month;
  }
  if (!exists) return fail(Code::kInvalid, "the date does not exist in the calendar");
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 60) {
    return fail(Code::kInvalid, "the time of day does not exist");
  }
  const int64_t seconds = days * 86'400 + parts.hour * 3'600 + parts.minute * 60 + static_cast<int64_t>(parts.second);
  return LocalTime{seconds, parts.nanos, parts.offset};
}

}  // namespace

Result<TimeFormat> TimeFormat::create(std::string_view pattern, std::optional<unsigned> century) {
  TimeFormat format;
  format.pattern_ = pattern;
  if (pattern == "%s" || pattern == "%Q") {
    if (century) return fail(Code::kInvalid, "century is given, but the format has no %y: drop it");
    format.ticks_a_second_ = pattern == "%s" ? 1 : 1'000;
    format.has_offset_ = true;
    return format;
  }
  WEERBAAR_TRY(format.add_items(pattern));
  WEERBAAR_TRY(format.check());
  if (format.has('y') != century.has_value()) {
    return fail(Code::kInvalid, century
                                    ? "century is given, but the format has no %y: drop it"
                                    : "%y does not tell the century: use %Y, or give century = 20 for the years 20yy");
  }
  format.century_years_ = static_cast<int64_t>(century.value_or(0)) * 100;
  format.has_offset_ = format.has('z');
  format.set_widths();
  return format;
}

Status TimeFormat::add_items(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      items_.push_back({0, pattern[i], 0, 0});
      continue;
    }
    if (++i == pattern.size()) return fail(Code::kInvalid, "the format ends in a lone %: write %% for a percent sign");
    if (pattern[i] == '%') {
      items_.push_back({0, '%', 0, 0});
      continue;
    }
    if (kDirectives.find(pattern[i]) == std::string_view::npos) {
      return fail(Code::kInvalid,
                  "the format has an unknown directive: known are %Y %y %m %d %j %b %H %M %S %f %z %%, and alone "
                  "%s %Q");
    }
    if (has(pattern[i])) return fail(Code::kInvalid, fmt::format("the format has %{} twice", pattern[i]));
    items_.push_back({pattern[i], 0, 0, 0});
  }
  return {};
}

bool TimeFormat::has(char directive) const {
  return std::any_of(items_.begin(), items_.end(), [&](const Item& item) { return item.directive == directive; });
}

Status TimeFormat::check() const {
  const bool month = has('m') || has('b');
  if (has('Y') == has('y')) return fail(Code::kInvalid, "the format must have one of %Y and %y");
  if (has('m') && has('b')) return fail(Code::kInvalid, "the format must have one of %m and %b, not both");
  if (has('j') ? month || has('d') : !month || !has('d')) {
    return fail(Code::kInvalid,
                "the format must have a month (%m or %b) and a day (%d), or else the day of the year (%j)");
  }
  if (!has('H') || !has('M')) {
    return fail(Code::kInvalid, "the format must have %H and %M: an access without time of day cannot be placed");
  }
  if (has('f') && !has('S')) return fail(Code::kInvalid, "the format has %f without %S");
  for (size_t i = 0; i + 1 < items_.size(); ++i) {
    if (items_[i].directive == 'f' && starts_with_digit(items_[i + 1])) {
      return fail(Code::kInvalid, "the format has digits behind %f, which may be one to nine digits long");
    }
  }
  return {};
}

bool TimeFormat::starts_with_digit(const Item& item) {
  return item.directive == 0 ? is_digit(item.literal) : kNumeric.find(item.directive) != std::string_view::npos;
}

void TimeFormat::set_widths() {
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    const bool touches_digits =
        (i > 0 && starts_with_digit(items_[i - 1])) || (i + 1 < items_.size() && starts_with_digit(items_[i + 1]));
    switch (item.directive) {
      case 'Y':
        item.digits_min = item.digits_max = 4;
        break;
      case 'j':
        item.digits_min = item.digits_max = 3;
        break;
      case 'f':
        item.digits_min = 1, item.digits_max = 9;
        break;
      case 'm':
      case 'd':
      case 'H':
        item.digits_min = touches_digits ? 2 : 1, item.digits_max = 2;
        break;
      default:
        item.digits_min = item.digits_max = 2;
    }
  }
}

Result<LocalTime> TimeFormat::parse_count(std::string_view text) const {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 0) {
    return fail(Code::kInvalid, fmt::format("the time is not written as {}: digits only", pattern_));
  }
  const int64_t seconds = count / ticks_a_second_;
  if (seconds > kMicrosMax / kMicrosPerSecond) return fail(Code::kInvalid, "the time lies beyond the year 9999");
  const int64_t nanos = count % ticks_a_second_ * (1'000'000'000 / ticks_a_second_);
  return LocalTime{seconds, static_cast<uint32_t>(nanos), 0};
}

Result<LocalTime> TimeFormat::parse(std::string_view text) const {
  if (ticks_a_second_ != 0) return parse_count(text);
  Parts parts;
  std::string_view rest = text;
  for (const Item& item : items_) {
    bool follows = false;
    if (item.directive == 0) {
      follows = rest.starts_with(item.literal);
      if (follows) rest.remove_prefix(1);
    } else if (item.directive == 'b') {
      parts.month = take_month_name(rest);
      follows = parts.month != 0;
    } else if (item.directive == 'z') {
      parts.offset = take_offset(rest);
      follows = parts.offset.has_value();
    } else {
      size_t digits = 0;
      const auto value = take_digits(rest, item.digits_min, item.digits_max, digits);
      if (value) set_part(parts, item.directive, *value, digits, century_years_);
      follows = value.has_value();
    }
    if (!follows) return fail(Code::kInvalid, fmt::format("the time is not written as {}", pattern_));
  }
  if (!rest.empty())
    return fail(Code::kInvalid, fmt::format("text follows the time, which is written as {}", pattern_));
  return local_time(parts, has('j'));
}

}  // namespace weerbaar::ingest::delimited

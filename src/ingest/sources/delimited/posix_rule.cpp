#include "ingest/sources/delimited/posix_rule.h"

#include "base/time.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr unsigned kHoursMax = 167;  // RFC 8536: a time of day from -167 to 167 hours

// Takes a rule apart from left to right; after a mistake it stays not ok.
class RuleReader {
 public:
  explicit RuleReader(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool sees(char c) const { return rest_.starts_with(c); }

  bool take(char c) {
    if (!sees(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = take(c) && ok_; }

  // At least three letters, or anything but '>' between angle brackets.
  void skip_name() {
    const bool bracketed = take('<');
    size_t size = 0;
    while (size < rest_.size() && (bracketed ? rest_[size] != '>' : is_letter(rest_[size]))) ++size;
    ok_ = ok_ && size >= 3;
    rest_.remove_prefix(size);
    if (bracketed) expect('>');
  }

  unsigned number(unsigned min, unsigned max) {
    unsigned value = 0;
    size_t digits = 0;
    while (digits < rest_.size() && digits < 3 && rest_[digits] >= '0' && rest_[digits] <= '9') {
      value = value * 10 + static_cast<unsigned>(rest_[digits++] - '0');
    }
    rest_.remove_prefix(digits);
    ok_ = ok_ && digits > 0 && value >= min && value <= max;
    return value;
  }

  // [+-]hh[:mm[:ss]] in seconds.
  int32_t time(unsigned hours_max) {
    const int32_t sign = take('-') ? -1 : 1;
    if (sign == 1) take('+');
    unsigned seconds = number(0, hours_max) * 3'600;
    if (take(':')) seconds += number(0, 59) * 60;
    if (take(':')) seconds += number(0, 59);
    return ok_ ? sign * static_cast<int32_t>(seconds) : 0;
  }

  YearlyChange change() {
    YearlyChange change;
    if (take('M')) {
      change.month = number(1, 12);
      expect('.');
      change.week = number(1, 5);
      expect('.');
      change.weekday = number(0, 6);
    } else if (take('J')) {
      change.kind = YearlyChange::Kind::kJulianWithoutLeapDay;
      change.day = number(1, 365);
    } else {
      change.kind = YearlyChange::Kind::kDayOfYear;
      change.day = number(0, 365);
    }
    if (take('/')) change.time = time(kHoursMax);
    return change;
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

int64_t YearlyChange::in_year(int64_t year) const {
  int64_t days = 0;
  switch (kind) {
    case Kind::kMonthWeekDay: {
      const int64_t first = days_from_civil(year, month, 1);
      const int64_t next_month = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
      // 1970-01-01 was a Thursday.
      const int64_t first_weekday = (first + 4) - floor_div(first + 4, 7) * 7;
      days = first + (static_cast<int64_t>(weekday) - first_weekday + 7) % 7 + (static_cast<int64_t>(week) - 1) * 7;
      if (days >= next_month) days -= 7;
      break;
    }
    case Kind::kJulianWithoutLeapDay: {
      const bool leap = days_from_civil(year + 1, 1, 1) - days_from_civil(year, 1, 1) == 366;
      days = days_from_civil(year, 1, 1) + day - (leap && day >= 60 ? 0 : 1);
      break;
    }
    case Kind::kDayOfYear:
      days = days_from_civil(year, 1, 1) + day;
      break;
  }
  return days * 86'400 + time;
}

Result<PosixRule> PosixRule::parse(std::string_view text) {
  RuleReader reader(text);
  PosixRule rule;
  reader.skip_name();
  // POSIX counts west of Greenwich.
  rule.standard_offset = -reader.time(24);
  if (!reader.at_end() && reader.ok()) {
    Daylight daylight;
    reader.skip_name();
    daylight.offset = reader.sees(',') ? rule.standard_offset + 3'600 : -reader.time(24);
    reader.expect(',');
    daylight.start = reader.change();
    reader.expect(',');
    daylight.end = reader.change();
    rule.daylight = daylight;
  }
  if (!reader.ok() || !reader.at_end()) return fail(Code::kInvalid, "it is not a TZ rule of POSIX");
  return rule;
}

}  // namespace weerbaar::ingest::delimited

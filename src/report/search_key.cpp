#include "report/search_key.h"

#include <string>

namespace weerbaar::report {
namespace {

constexpr size_t kNumberDigits = 9;  // BSN, RSIN
constexpr size_t kTradeDigits = 8;   // KvK; and a date
constexpr size_t kPlateSigns = 6;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_between(char c) {
  return c == '.' || c == '-' || c == ' ';
}

int number_at(std::string_view digits, size_t begin, size_t length) {
  int number = 0;
  for (const char c : digits.substr(begin, length)) number = number * 10 + (c - '0');
  return number;
}

bool is_date(int year, int month, int day) {
  constexpr int kYearMin = 1'850;
  constexpr int kYearMax = 2'150;
  // Registers write 00 for a month or a day that nobody knows.
  return year >= kYearMin && year <= kYearMax && month <= 12 && day <= 31;
}

// 19800131 or 31011980.
bool is_date(std::string_view digits) {
  return is_date(number_at(digits, 0, 4), number_at(digits, 4, 2), number_at(digits, 6, 2)) ||
         is_date(number_at(digits, 4, 4), number_at(digits, 2, 2), number_at(digits, 0, 2));
}

bool is_identifier(std::string_view digits) {
  return digits.size() >= kNumberDigits || (digits.size() == kTradeDigits && !is_date(digits));
}

bool is_plate(std::string_view query) {
  size_t digits = 0;
  size_t letters = 0;
  for (const char c : query) {
    if (is_digit(c)) {
      ++digits;
    } else if (is_letter(c)) {
      ++letters;
    } else if (c != '-') {
      return false;
    }
  }
  // 3511AB is a postcode, and 35-11-AB a plate.
  constexpr size_t kPostcodeDigits = 4;
  const bool is_postcode = query.size() == kPlateSigns && digits == kPostcodeDigits && is_digit(query[0]) &&
                           is_letter(query[kPostcodeDigits]) && is_letter(query[kPostcodeDigits + 1]);
  return digits + letters == kPlateSigns && digits > 0 && letters > 0 && !is_postcode;
}

}  // namespace

SearchKey key_of(std::string_view query) {
  while (!query.empty() && query.front() == ' ') query.remove_prefix(1);
  while (!query.empty() && query.back() == ' ') query.remove_suffix(1);
  if (query.empty()) return SearchKey::kUnknown;
  if (is_plate(query)) return SearchKey::kIdentifier;
  std::string digits;
  for (size_t i = 0; i < query.size(); ++i) {
    const bool goes_on = i + 1 < query.size() && is_digit(query[i + 1]);
    if (is_digit(query[i])) {
      digits += query[i];
    } else if (!is_between(query[i]) || !goes_on) {
      if (is_identifier(digits)) return SearchKey::kIdentifier;
      digits.clear();
    }
  }
  return is_identifier(digits) ? SearchKey::kIdentifier : SearchKey::kOther;
}

}  // namespace weerbaar::report

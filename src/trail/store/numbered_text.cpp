#include "trail/store/numbered_text.h"

#include "base/digits.h"

namespace weerbaar::trail {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

NumberedText split_number(std::string_view text) {
  size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  size_t begin = end;
  uint64_t number = 0;
  uint64_t unit = 1;
  while (begin >= 8 && end - begin + 8 <= kNumberDigitsMax) {
    const uint64_t eight = eight_characters(text.data() + begin - 8);
    if (!are_digits(eight)) break;
    number += unit * number_of_digits(eight);
    unit *= 100'000'000;
    begin -= 8;
  }
  for (; begin > 0 && end - begin < kNumberDigitsMax && is_digit(text[begin - 1]); unit *= 10) {
    number += unit * static_cast<uint64_t>(text[--begin] - '0');
  }
  if (begin == end) return {text, {}, kNoNumber, 0};
  NumberedText parts{text.substr(0, begin), text.substr(end), 0, number};
  const bool has_leading_zero = text[begin] == '0' && end - begin > 1;
  if (has_leading_zero) parts.width = static_cast<uint8_t>(end - begin);
  return parts;
}

}  // namespace weerbaar::trail

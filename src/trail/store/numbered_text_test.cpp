#include "trail/store/numbered_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weerbaar::trail {
namespace {

// The same, digit by digit.
NumberedText split_slowly(std::string_view text) {
  const std::string_view digits = "0123456789";
  const size_t last = text.find_last_of(digits);
  if (last == std::string_view::npos) return {text, {}, kNoNumber, 0};
  size_t begin = last;
  while (begin > 0 && last - begin + 2 <= kNumberDigitsMax && digits.contains(text[begin - 1])) --begin;
  const std::string number(text.substr(begin, last + 1 - begin));
  const bool has_leading_zero = number.size() > 1 && number[0] == '0';
  return {text.substr(0, begin), text.substr(last + 1), static_cast<uint8_t>(has_leading_zero ? number.size() : 0),
          std::stoull(number)};
}

TEST(NumberedText, splits_as_digit_by_digit) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    const uint64_t parts = random() % 4;
    for (uint64_t part = 0; part < parts; ++part) {
      if (random() % 2 == 0) text.append(random() % 4, '-');
      for (uint64_t digits = random() % 24; digits > 0; --digits) {
        text.push_back(static_cast<char>('0' + (random() % 4 == 0 ? random() % 10 : 0)));
      }
      if (random() % 2 == 0) text.append(random() % 4, ':');
    }
    const NumberedText fast = split_number(text);
    const NumberedText slow = split_slowly(text);
    ASSERT_EQ(fast.before, slow.before) << text;
    ASSERT_EQ(fast.after, slow.after) << text;
    ASSERT_EQ(fast.width, slow.width) << text;
    ASSERT_EQ(fast.number, slow.number) << text;
  }
}

}  // namespace
}  // namespace weerbaar::trail

#include "base/digits.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weerbaar {
namespace {

TEST(Digits, eight_are_read_as_by_stoull) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string text = std::to_string(random() % 100'000'000);
    text.insert(0, 8 - text.size(), '0');
    ASSERT_TRUE(are_digits(eight_characters(text.data())));
    ASSERT_EQ(number_of_digits(eight_characters(text.data())), std::stoull(text)) << text;
  }
}

TEST(Digits, any_other_character_in_any_place_is_seen) {
  for (size_t at = 0; at < 8; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      for (const char beside : {'0', '9'}) {
        std::string text(8, beside);
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(are_digits(eight_characters(text.data())), byte >= '0' && byte <= '9') << at << ' ' << byte;
      }
    }
  }
}

}  // namespace
}  // namespace weerbaar

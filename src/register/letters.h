// Names of attributes in formats where small and capital letters are alike.
#pragma once

#include <algorithm>
#include <string_view>

namespace weerbaar::facts {

// Of ASCII; other bytes stay.
constexpr char small_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return small_letter(x) == small_letter(y); });
}

}  // namespace weerbaar::facts

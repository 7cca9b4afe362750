// Texts that end in a number, as most ids and case numbers do: "bvr-3270/000017".
#pragma once

#include <cstdint>
#include <string_view>

namespace weerbaar::trail {

inline constexpr uint8_t kNoNumber = 255;
inline constexpr size_t kNumberDigitsMax = 18;  // fits 63 bits

struct NumberedText {
  std::string_view before;
  std::string_view after;
  uint8_t width =
      kNoNumber;  // digits when the number has leading zeros, 0 when it has none, kNoNumber without a number
  uint64_t number = 0;
};

// Takes the last run of digits (its last 18 when longer) as the number. before + number + after is the text again.
NumberedText split_number(std::string_view text);

}  // namespace weerbaar::trail

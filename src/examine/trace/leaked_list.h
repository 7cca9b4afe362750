// A list of persons whose data leaked, as a file: one TYPE:ID a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trail/store/needle.h"

namespace weerbaar::trace {

inline constexpr size_t kLeakedPersonsMax = 10'000;
inline constexpr uint64_t kLeakedListBytesMax = 4 << 20;

struct LeakedList {
  std::vector<trail::Whom> persons;  // each once, in the order of the file
  size_t repeated = 0;               // lines that name somebody again
};

// UTF-8, with or without a byte order mark, lines ended by LF or CRLF; spaces around a person and lines without any are
// passed over. kInvalid when a line names no person (each of the first ten is named by its number, with what to write
// there and without repeating it), when there are more than kLeakedPersonsMax, or none.
Result<LeakedList> parse_leaked_list(std::string_view text);

}  // namespace weerbaar::trace

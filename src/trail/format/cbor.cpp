#include "trail/format/cbor.h"

#include "base/utf8.h"

namespace weerbaar::trail {

uint64_t CborReader::value_of(unsigned major) {
  if (failed_ || rest_.empty() || rest_[0] >> 5U != major) {
    failed_ = true;
    return 0;
  }
  const unsigned info = rest_[0] & 31U;
  if (info < 24) {
    rest_ = rest_.subspan(1);
    return info;
  }
  const size_t length = info <= 27 ? size_t{1} << (info - 24) : 0;
  if (length == 0 || rest_.size() < 1 + length) {
    failed_ = true;
    return 0;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < length; ++i) value = value << 8U | rest_[1 + i];
  // The shortest form only: a value that fits the next smaller length is not deterministic.
  const uint64_t smallest = length == 1 ? 24 : uint64_t{1} << (4 * length);
  if (value < smallest) {
    failed_ = true;
    return 0;
  }
  rest_ = rest_.subspan(1 + length);
  return value;
}

uint64_t CborReader::count_of(unsigned major) {
  const uint64_t count = value_of(major);
  if (count > rest_.size()) failed_ = true;
  return failed_ ? 0 : count;
}

ByteView CborReader::string_of(unsigned major) {
  const uint64_t length = value_of(major);
  if (failed_ || length > rest_.size()) {
    failed_ = true;
    return {};
  }
  const ByteView value = rest_.first(length);
  rest_ = rest_.subspan(length);
  return value;
}

int64_t CborReader::integer() {
  const bool negative = peek_major() == 1;
  const uint64_t value = value_of(negative ? 1 : 0);
  if (value > static_cast<uint64_t>(INT64_MAX)) {
    failed_ = true;
    return 0;
  }
  return negative ? -1 - static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

std::string_view CborReader::text() {
  const std::string_view value = as_text(string_of(3));
  if (!is_utf8(value)) failed_ = true;
  return failed_ ? std::string_view() : value;
}

bool CborReader::boolean() {
  if (failed_ || rest_.empty() || (rest_[0] != 0xF4 && rest_[0] != 0xF5)) {
    failed_ = true;
    return false;
  }
  const bool value = rest_[0] == 0xF5;
  rest_ = rest_.subspan(1);
  return value;
}

bool CborReader::take_null() {
  if (failed_ || rest_.empty() || rest_[0] != 0xF6) return false;
  rest_ = rest_.subspan(1);
  return true;
}

}  // namespace weerbaar::trail

// The part of CBOR (RFC 8949) that entries use, in its core deterministic form (section 4.2.1): shortest lengths,
// definite lengths, integers, byte and text strings, arrays, maps, false, true, null.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace weerbaar::trail {

// Appends to a vector that the caller owns.
class CborWriter {
 public:
  explicit CborWriter(Bytes& out) : out_(out) {}

  void integer(int64_t value) {
    if (value >= 0) {
      head(0, static_cast<uint64_t>(value));
    } else {
      head(1, static_cast<uint64_t>(-(value + 1)));
    }
  }
  void bytes(ByteView value) {
    head(2, value.size());
    append(out_, value);
  }
  void text(std::string_view value) {
    head(3, value.size());
    append(out_, as_bytes(value));
  }
  void array(uint64_t items) { head(4, items); }
  void map(uint64_t pairs) { head(5, pairs); }
  void boolean(bool value) { out_.push_back(value ? 0xF5 : 0xF4); }
  void null() { out_.push_back(0xF6); }

 private:
  void head(unsigned major, uint64_t value) {
    const auto type = static_cast<uint8_t>(major << 5U);
    if (value < 24) {
      out_.push_back(static_cast<uint8_t>(type | value));
      return;
    }
    uint8_t buffer[9];
    if (value <= 0xFF) {
      buffer[0] = type | 24U;
      buffer[1] = static_cast<uint8_t>(value);
      append(out_, {buffer, 2});
    } else if (value <= 0xFFFF) {
      buffer[0] = type | 25U;
      store_be(buffer + 1, static_cast<uint16_t>(value));
      append(out_, {buffer, 3});
    } else if (value <= 0xFFFFFFFF) {
      buffer[0] = type | 26U;
      store_be(buffer + 1, static_cast<uint32_t>(value));
      append(out_, {buffer, 5});
    } else {
      buffer[0] = type | 27U;
      store_be(buffer + 1, value);
      append(out_, {buffer, 9});
    }
  }

  Bytes& out_;
};

// Reads one item after another. Anything that is not deterministic, or not of the type asked, makes the reader fail;
// it stays failed and gives zeros and empty views, so that a caller may check once at the end.
class CborReader {
 public:
  explicit CborReader(ByteView bytes) : rest_(bytes) {}

  int64_t integer();
  uint64_t unsigned_integer() { return value_of(0); }
  ByteView bytes() { return string_of(2); }
  // Well-formed UTF-8, or the reader fails.
  std::string_view text();
  // The number of items. An array or map cannot hold more items than there are bytes left.
  uint64_t array() { return count_of(4); }
  uint64_t map() { return count_of(5); }
  bool boolean();
  // True, and consumed, when the next item is null.
  bool take_null();
  // The next item's major type (0–7), without consuming it; 8 at the end.
  [[nodiscard]] unsigned peek_major() const { return rest_.empty() ? 8 : rest_[0] >> 5U; }

  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }
  // No failure, and nothing left over.
  [[nodiscard]] bool complete() const { return !failed_ && rest_.empty(); }
  [[nodiscard]] ByteView rest() const { return rest_; }

 private:
  uint64_t value_of(unsigned major);
  uint64_t count_of(unsigned major);
  ByteView string_of(unsigned major);

  ByteView rest_;
  bool failed_ = false;
};

}  // namespace weerbaar::trail

// Writes CBOR (trail/format/cbor.h) into memory that is known to suffice, several times faster than appending.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace weerbaar::trail {

class CborPen {
 public:
  // No item needs more beside its own bytes: a key, and a type with a length.
  static constexpr size_t kItemBytesMax = 2 + 9;

  // Whoever makes it knows how much fits behind `at`.
  explicit CborPen(uint8_t* at) : at_(at) {}
  [[nodiscard]] uint8_t* at() const { return at_; }

  void integer(int64_t value) {
    if (value >= 0) {
      head(0, static_cast<uint64_t>(value));
    } else {
      head(1, static_cast<uint64_t>(-(value + 1)));
    }
  }
  void array(uint64_t items) { head(4, items); }
  void map(uint64_t pairs) { head(5, pairs); }
  void boolean(bool value) { *at_++ = value ? 0xF5 : 0xF4; }
  void bytes(std::string_view value) { string(2, value); }
  void text(std::string_view value) { string(3, value); }
  // Items that are encoded already.
  void encoded(std::string_view items) { copy(items); }

 private:
  void string(unsigned major, std::string_view value) {
    head(major, value.size());
    copy(value);
  }
  void head(unsigned major, uint64_t value) {
    const auto type = static_cast<uint8_t>(major << 5U);
    if (value < 24) {
      *at_++ = static_cast<uint8_t>(type | value);
    } else if (value <= 0xFF) {
      *at_++ = type | 24U;
      *at_++ = static_cast<uint8_t>(value);
    } else if (value <= 0xFFFF) {
      number(type | 25U, static_cast<uint16_t>(value));
    } else if (value <= 0xFFFFFFFF) {
      number(type | 26U, static_cast<uint32_t>(value));
    } else {
      number(type | 27U, value);
    }
  }
  template <class T>
  void number(unsigned initial, T value) {
    *at_++ = static_cast<uint8_t>(initial);
    store_be(at_, value);
    at_ += sizeof value;
  }
  // Most texts are short: two words that overlap cost less than a call.
  void copy(std::string_view from) {
    const size_t size = from.size();
    if (size > 16) {
      std::memcpy(at_, from.data(), size);
    } else if (size >= 8) {
      std::memcpy(at_, from.data(), 8);
      std::memcpy(at_ + size - 8, from.data() + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(at_, from.data(), 4);
      std::memcpy(at_ + size - 4, from.data() + size - 4, 4);
    } else {
      for (size_t i = 0; i < size; ++i) at_[i] = static_cast<uint8_t>(from[i]);
    }
    at_ += size;
  }

  uint8_t* at_;
};

}  // namespace weerbaar::trail

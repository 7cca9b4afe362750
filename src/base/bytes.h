// Bytes and their text forms. Integers on disk are little-endian unless a standard says otherwise.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <std::unsigned_integral T>
T load_le(const uint8_t* from) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <std::unsigned_integral T>
void store_le(uint8_t* to, T value) {
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(to, &value, sizeof value);
}
template <std::unsigned_integral T>
void append_le(Bytes& to, T value) {
  const size_t at = to.size();
  to.resize(at + sizeof value);
  store_le(to.data() + at, value);
}
inline void append(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// Big-endian, as in network formats.
template <std::unsigned_integral T>
T load_be(const uint8_t* from) {
  return std::byteswap(load_le<T>(from));
}
template <std::unsigned_integral T>
void store_be(uint8_t* to, T value) {
  store_le(to, std::byteswap(value));
}

// Lower case hexadecimal.
std::string to_hex(ByteView bytes);
// Accepts both cases. kInvalid on odd length or another character.
Result<Bytes> from_hex(std::string_view text);

// RFC 4648 section 4, with padding.
std::string to_base64(ByteView bytes);
// Strict: right padding, no line breaks, zero trailing bits. kInvalid otherwise.
Result<Bytes> from_base64(std::string_view text);

}  // namespace weerbaar

#include "base/bytes.h"

namespace weerbaar {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 15U];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Code::kInvalid, "hexadecimal text has an odd number of digits");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return fail(Code::kInvalid, "hexadecimal text holds another character than 0-9, a-f");
    bytes.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  return bytes;
}

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t rest = bytes.size() - i;
    const uint32_t group = static_cast<uint32_t>(bytes[i]) << 16U |
                           (rest > 1 ? static_cast<uint32_t>(bytes[i + 1]) << 8U : 0U) |
                           (rest > 2 ? static_cast<uint32_t>(bytes[i + 2]) : 0U);
    text += kBase64Digits[group >> 18U];
    text += kBase64Digits[group >> 12U & 63U];
    text += rest > 1 ? kBase64Digits[group >> 6U & 63U] : '=';
    text += rest > 2 ? kBase64Digits[group & 63U] : '=';
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(Code::kInvalid, "base64 text is not a multiple of four characters");
  size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  Bytes bytes;
  bytes.reserve(digits * 3 / 4);
  uint32_t group = 0;
  unsigned bits = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int value = base64_value(text[i]);
    if (value < 0) return fail(Code::kInvalid, "base64 text holds a character outside its alphabet");
    group = group << 6U | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<uint8_t>(group >> bits));
    }
  }
  if ((group & ((1U << bits) - 1U)) != 0) return fail(Code::kInvalid, "base64 text has non-zero trailing bits");
  return bytes;
}

}  // namespace weerbaar

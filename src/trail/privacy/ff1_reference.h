// FF1 as SP 800-38G section 5.1 writes it, step by step on numeral strings of any radix, with big numbers: slow,
// obvious, and for tests only. It shares nothing with ff1.cpp but the block cipher.
#pragma once

#include <openssl/bn.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "trail/privacy/aes.h"

namespace weerbaar::trail::reference {

using Numerals = std::vector<uint32_t>;

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

// NUM_radix(X).
inline Number number_of(const Numerals& numerals, uint32_t radix) {
  Number number(BN_new());
  BN_zero(number.get());
  for (const uint32_t numeral : numerals) {
    BN_mul_word(number.get(), radix);
    BN_add_word(number.get(), numeral);
  }
  return number;
}

// STR^m_radix(number mod radix^m).
inline Numerals numerals_of(Number number, uint32_t radix, size_t m) {
  Numerals numerals(m);
  for (size_t i = m; i-- > 0;) numerals[i] = static_cast<uint32_t>(BN_div_word(number.get(), radix));
  return numerals;
}

inline Number power(uint32_t radix, size_t exponent) {
  Number number(BN_new());
  BN_one(number.get());
  for (size_t i = 0; i < exponent; ++i) BN_mul_word(number.get(), radix);
  return number;
}

inline Bytes fixed_bytes(const Number& number, size_t size) {
  Bytes bytes(size);
  BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(size));
  return bytes;
}

// CBC-MAC without padding: PRF of the standard.
inline Bytes prf(const Aes::Borrowed& aes, const Bytes& message) {
  Bytes y(16, 0);
  for (size_t at = 0; at < message.size(); at += 16) {
    for (size_t i = 0; i < 16; ++i) y[i] = static_cast<uint8_t>(y[i] ^ message[at + i]);
    aes.encrypt(y);
  }
  return y;
}

inline Numerals ff1(const Aes& cipher, bool decrypt, ByteView tweak, uint32_t radix, const Numerals& text) {
  const Aes::Borrowed aes = cipher.borrow();
  const size_t n = text.size();
  const size_t u = n / 2;
  const size_t v = n - u;
  Numerals a(text.begin(), text.begin() + static_cast<long>(u));
  Numerals b_half(text.begin() + static_cast<long>(u), text.end());
  Number largest = power(radix, v);
  BN_sub_word(largest.get(), 1);
  const auto b = static_cast<size_t>((BN_num_bits(largest.get()) + 7) / 8);
  const size_t d = 4 * ((b + 3) / 4) + 4;

  Bytes p = {1,
             2,
             1,
             static_cast<uint8_t>(radix >> 16U),
             static_cast<uint8_t>(radix >> 8U),
             static_cast<uint8_t>(radix),
             10,
             static_cast<uint8_t>(u)};
  for (const size_t field : {n, tweak.size()}) {
    for (const unsigned bits : {24U, 16U, 8U, 0U}) p.push_back(static_cast<uint8_t>(field >> bits));
  }

  for (unsigned step = 0; step < 10; ++step) {
    const unsigned i = decrypt ? 9 - step : step;
    Bytes message = p;
    append(message, tweak);
    message.resize(message.size() + (16 - (tweak.size() + b + 1) % 16) % 16, 0);
    message.push_back(static_cast<uint8_t>(i));
    append(message, fixed_bytes(number_of(decrypt ? a : b_half, radix), b));
    const Bytes r = prf(aes, message);
    Bytes s = r;
    for (uint32_t j = 1; s.size() < d; ++j) {
      Bytes block = r;
      for (size_t k = 0; k < 4; ++k) block[15 - k] = static_cast<uint8_t>(block[15 - k] ^ (j >> (8 * k)));
      aes.encrypt(block);
      append(s, block);
    }
    const Number y(BN_bin2bn(s.data(), static_cast<int>(d), nullptr));
    const size_t m = i % 2 == 0 ? u : v;
    const Number modulus = power(radix, m);
    Number c(BN_new());
    BN_CTX* const scratch = BN_CTX_new();
    if (decrypt) {
      BN_mod_sub(c.get(), number_of(b_half, radix).get(), y.get(), modulus.get(), scratch);
      b_half = std::exchange(a, numerals_of(std::move(c), radix, m));
    } else {
      BN_mod_add(c.get(), number_of(a, radix).get(), y.get(), modulus.get(), scratch);
      a = std::exchange(b_half, numerals_of(std::move(c), radix, m));
    }
    BN_CTX_free(scratch);
  }
  a.insert(a.end(), b_half.begin(), b_half.end());
  return a;
}

inline Numerals numerals_from_digits(uint64_t number, unsigned width) {
  Numerals numerals(width);
  for (size_t i = width; i-- > 0; number /= 10) numerals[i] = static_cast<uint32_t>(number % 10);
  return numerals;
}

inline uint64_t number_from_digits(const Numerals& numerals) {
  uint64_t number = 0;
  for (const uint32_t numeral : numerals) number = number * 10 + numeral;
  return number;
}

}  // namespace weerbaar::trail::reference

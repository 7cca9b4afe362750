// FF1, the format-preserving encryption of NIST SP 800-38G section 5.1: a number of n digits becomes another number of
// n digits, a text of n bytes another text of n bytes, reversibly, under an AES key and a tweak.
//
// The ten rounds of a call run in lock-step over its inputs, so that one call to AES serves many of them: encrypting a
// hundred numbers costs far less than a hundred times one.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/privacy/aes.h"

namespace weerbaar::trail {

// Thread-safe: use one object per key from as many threads as there are.
class Ff1 {
 public:
  // At least a million possible inputs, as the first revision of SP 800-38G demands; at most what 64 bits hold well.
  static constexpr unsigned kDigitsMin = 6;
  static constexpr unsigned kDigitsMax = 18;
  static constexpr size_t kTextBytesMin = 4;
  static constexpr size_t kTextBytesMax = 4'096;
  static constexpr size_t kTweakBytesMax = 11;

  // `key`: 16, 24 or 32 bytes, else kInvalid. kIo when OpenSSL offers no AES.
  static Result<Ff1> create(ByteView key);

  // Radix 10, in place. Each number stands for `width` digits, with leading zeros, so it is below 10^width; a number
  // beyond that, a width or a tweak out of range is a programmer's error.
  void encrypt_digits(ByteView tweak, unsigned width, std::span<uint64_t> numbers) const;
  void decrypt_digits(ByteView tweak, unsigned width, std::span<uint64_t> numbers) const;

  // Radix 256, in place; texts may differ in length. A length or a tweak out of range is a programmer's error. Texts of
  // up to 24 bytes are the fast ones: they run in lock-step, longer ones one by one.
  void encrypt_texts(ByteView tweak, std::span<const std::span<uint8_t>> texts) const;
  void decrypt_texts(ByteView tweak, std::span<const std::span<uint8_t>> texts) const;

 private:
  explicit Ff1(Aes aes) : aes_(std::move(aes)) {}
  void run_digits(bool decrypt, ByteView tweak, unsigned width, std::span<uint64_t> numbers) const;
  void run_texts(bool decrypt, ByteView tweak, std::span<const std::span<uint8_t>> texts) const;

  Aes aes_;
};

// 10^exponent, for exponents up to 19.
constexpr uint64_t power_of_ten(unsigned exponent) {
  uint64_t power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace weerbaar::trail

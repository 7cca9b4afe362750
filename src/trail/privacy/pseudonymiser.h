// Pseudonyms: what the trail stores instead of identities. Deterministic under the key of a period, so that equal
// identities meet in an index; reversible only with that key; unreadable for ever once it is destroyed. Byte for byte:
// docs/formats/keys.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/privacy/ff1.h"
#include "trail/privacy/siv.h"

namespace weerbaar::trail {

// The role of an identity: the same text has unrelated pseudonyms in different roles. The numbers are part of every
// pseudonym on disk: append, never renumber.
enum class Domain : uint8_t {
  kActor = 0,
  kOnBehalfOf = 1,
  kTerminal = 2,
  kIp = 3,
  kSubjectBsn = 4,
  kSubjectRsin = 5,
  kSubjectKvk = 6,
  kSubjectVehicle = 7,
  kSubjectAddress = 8,
  kSubjectEmployee = 9,
  kSubjectOther = 10,
  kQuery = 11,
  kReason = 12,
  kAttribute = 13,
};

inline constexpr size_t kPeriodKeyBytes = 32;
inline constexpr size_t kIdentifierBytesMax = 512;
// Up to here an identifier and its pseudonym are equally long (but at least Ff1::kTextBytesMin); longer ones grow by
// Siv::kTagBytes. So the length of a pseudonym tells its form.
inline constexpr size_t kShortIdentifierBytesMax = 64;

// Length of the pseudonym of an identifier of `identifier_bytes`.
constexpr size_t identifier_pseudonym_bytes(size_t identifier_bytes) {
  if (identifier_bytes > kShortIdentifierBytesMax) return identifier_bytes + Siv::kTagBytes;
  return identifier_bytes < Ff1::kTextBytesMin ? Ff1::kTextBytesMin : identifier_bytes;
}

// True when `text` can be stored as a number: 6 to 18 digits and nothing else.
bool fits_digits(std::string_view text);

// One period's key. Thread-safe. Keys are wiped from memory when this is destroyed.
//
// Whoever holds a pseudonym but no key learns its length, and which pseudonyms are equal. Short forms carry no proof
// that they were not changed: the trail's tree is that proof. Decrypting them with another key gives another identity,
// or kCorrupt.
class Pseudonymiser {
 public:
  // `period_key`: kPeriodKeyBytes random bytes, else kInvalid. kIo when OpenSSL offers no AES.
  static Result<Pseudonymiser> create(ByteView period_key);

  // Numbers, as BSN: `digits` for which fits_digits(). The result has as many digits, leading zeros not shown: it is
  // below 10^width, and the width must be kept beside it (the domain usually fixes it).
  [[nodiscard]] uint64_t encrypt_digits(Domain domain, std::string_view digits) const;
  // Many at once, all of the same width; `pseudonyms` is as long as `digits`. Several times faster per number.
  void encrypt_digits(Domain domain, std::span<const std::string_view> digits, std::span<uint64_t> pseudonyms) const;
  // kCorrupt when the number cannot be a pseudonym of `width` digits.
  [[nodiscard]] Result<std::string> decrypt_digits(Domain domain, uint64_t number, unsigned width) const;
  // Many at once, in place, as numbers of `width` digits. One that is not below 10^width, and a width that
  // encrypt_digits() does not take, are a programmer's error.
  void decrypt_digits(Domain domain, unsigned width, std::span<uint64_t> numbers) const;

  // Identifiers: 1 to 512 bytes of UTF-8. Appends identifier_pseudonym_bytes() bytes.
  void encrypt_identifier(Domain domain, std::string_view identifier, Bytes& append_to) const;
  // Many at once; appends the pseudonyms one behind the other. Several times faster for identifiers up to 24 bytes.
  void encrypt_identifiers(Domain domain, std::span<const std::string_view> identifiers, Bytes& append_to) const;
  // kCorrupt when no identifier has this pseudonym under this key.
  [[nodiscard]] Result<std::string> decrypt_identifier(Domain domain, ByteView pseudonym) const;

  // Free text: 1 byte to 16 MiB, authenticated. Appends 16 bytes more than the text has.
  void encrypt_text(Domain domain, std::string_view text, Bytes& append_to) const;
  // kCorrupt when it was encrypted under another key or domain, or changed since.
  [[nodiscard]] Result<std::string> decrypt_text(Domain domain, ByteView sealed) const;

 private:
  Pseudonymiser(Ff1 ff1, Siv siv) : ff1_(std::move(ff1)), siv_(std::move(siv)) {}

  Ff1 ff1_;
  Siv siv_;
};

}  // namespace weerbaar::trail

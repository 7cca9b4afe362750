#include "trail/privacy/pseudonymiser.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"
#include "base/utf8.h"
#include "trail/privacy/secret.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFf1Info = "weerbaar/ff1";
constexpr std::string_view kSivInfo = "weerbaar/siv";
constexpr size_t kFf1KeyBytes = 32;
constexpr size_t kSivKeyBytes = 64;
// Fills identifiers up to the shortest text that FF1 takes. It occurs nowhere in UTF-8, so it can be told apart.
constexpr uint8_t kPadding = 0xFF;
// Identifiers handed to FF1 in one call.
constexpr size_t kBatch = 256;

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

// HKDF-SHA256 (RFC 5869) without salt.
Result<Secret> derive(ByteView key, std::string_view info, size_t size) {
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf.get()));
  Secret derived(size);
  // OpenSSL's parameters take pointers to mutable bytes, which it does not change.
  Secret key_copy(key);
  std::string digest = "SHA256";
  std::string info_copy(info);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key_copy.bytes().data(), key_copy.bytes().size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info_copy.data(), info_copy.size()),
      OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_KDF_derive(context.get(), derived.bytes().data(), size, parameters) != 1) {
    return fail(Code::kIo, "OpenSSL offers no HKDF with SHA-256: check the installation of its default provider");
  }
  return derived;
}

// The domain as a tweak or as associated data: one byte.
class DomainByte {
 public:
  explicit DomainByte(Domain domain) : byte_(static_cast<uint8_t>(domain)) {}
  [[nodiscard]] ByteView view() const { return {&byte_, 1}; }

 private:
  uint8_t byte_;
};

uint64_t number_of(std::string_view digits) {
  WEERBAAR_CHECK(fits_digits(digits));
  uint64_t number = 0;
  for (const char digit : digits) number = number * 10 + static_cast<uint64_t>(digit - '0');
  return number;
}

void append_padded(std::string_view identifier, Bytes& append_to) {
  // A padded text must be told from one that ends like padding.
  WEERBAAR_CHECK(identifier.size() > Ff1::kTextBytesMin || static_cast<uint8_t>(identifier.back()) != kPadding);
  append(append_to, as_bytes(identifier));
  if (identifier.size() < Ff1::kTextBytesMin) {
    append_to.resize(append_to.size() + Ff1::kTextBytesMin - identifier.size(), kPadding);
  }
}

std::unexpected<Error> no_identifier() {
  return fail(Code::kCorrupt, "a pseudonym does not match its key: verify the trail, and that its keys are used");
}

Result<std::string> as_identifier(Bytes bytes) {
  if (bytes.size() == Ff1::kTextBytesMin) {
    while (!bytes.empty() && bytes.back() == kPadding) bytes.pop_back();
  }
  if (bytes.empty() || !is_utf8(as_text(bytes))) return no_identifier();
  return std::string(as_text(bytes));
}

}  // namespace

bool fits_digits(std::string_view text) {
  return text.size() >= Ff1::kDigitsMin && text.size() <= Ff1::kDigitsMax &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<Pseudonymiser> Pseudonymiser::create(ByteView period_key) {
  if (period_key.size() != kPeriodKeyBytes) return fail(Code::kInvalid, "the key of a period is 32 bytes long");
  WEERBAAR_ASSIGN(const Secret ff1_key, derive(period_key, kFf1Info, kFf1KeyBytes));
  WEERBAAR_ASSIGN(const Secret siv_key, derive(period_key, kSivInfo, kSivKeyBytes));
  WEERBAAR_ASSIGN(Ff1 ff1, Ff1::create(ff1_key.bytes()));
  WEERBAAR_ASSIGN(Siv siv, Siv::create(siv_key.bytes()));
  return Pseudonymiser(std::move(ff1), std::move(siv));
}

uint64_t Pseudonymiser::encrypt_digits(Domain domain, std::string_view digits) const {
  uint64_t pseudonym = 0;
  encrypt_digits(domain, std::span(&digits, 1), std::span(&pseudonym, 1));
  return pseudonym;
}

void Pseudonymiser::encrypt_digits(Domain domain, std::span<const std::string_view> digits,
                                   std::span<uint64_t> pseudonyms) const {
  WEERBAAR_CHECK(digits.size() == pseudonyms.size());
  if (digits.empty()) return;
  const size_t width = digits[0].size();
  for (size_t i = 0; i < digits.size(); ++i) {
    WEERBAAR_CHECK(digits[i].size() == width);
    pseudonyms[i] = number_of(digits[i]);
  }
  ff1_.encrypt_digits(DomainByte(domain).view(), static_cast<unsigned>(width), pseudonyms);
}

Result<std::string> Pseudonymiser::decrypt_digits(Domain domain, uint64_t number, unsigned width) const {
  if (width < Ff1::kDigitsMin || width > Ff1::kDigitsMax || number >= power_of_ten(width)) return no_identifier();
  decrypt_digits(domain, width, std::span(&number, 1));
  std::string digits(width, '0');
  for (size_t i = width; i-- > 0; number /= 10) digits[i] = static_cast<char>('0' + number % 10);
  return digits;
}

void Pseudonymiser::decrypt_digits(Domain domain, unsigned width, std::span<uint64_t> numbers) const {
  ff1_.decrypt_digits(DomainByte(domain).view(), width, numbers);
}

void Pseudonymiser::encrypt_identifier(Domain domain, std::string_view identifier, Bytes& append_to) const {
  encrypt_identifiers(domain, std::span(&identifier, 1), append_to);
}

void Pseudonymiser::encrypt_identifiers(Domain domain, std::span<const std::string_view> identifiers,
                                        Bytes& append_to) const {
  const DomainByte byte(domain);
  std::array<std::span<uint8_t>, kBatch> texts;
  for (size_t from = 0; from < identifiers.size(); from += kBatch) {
    const std::span batch = identifiers.subspan(from, std::min(kBatch, identifiers.size() - from));
    const size_t start = append_to.size();
    for (const std::string_view identifier : batch) {
      WEERBAAR_CHECK(!identifier.empty() && identifier.size() <= kIdentifierBytesMax);
      if (identifier.size() <= kShortIdentifierBytesMax) {
        append_padded(identifier, append_to);
      } else {
        siv_.encrypt(byte.view(), as_bytes(identifier), append_to);
      }
    }
    // Only now do the bytes stay where they are.
    size_t used = 0;
    size_t at = start;
    for (const std::string_view identifier : batch) {
      const size_t size = identifier_pseudonym_bytes(identifier.size());
      if (size <= kShortIdentifierBytesMax) texts[used++] = std::span(append_to).subspan(at, size);
      at += size;
    }
    ff1_.encrypt_texts(byte.view(), std::span(texts).first(used));
  }
}

Result<std::string> Pseudonymiser::decrypt_identifier(Domain domain, ByteView pseudonym) const {
  const DomainByte byte(domain);
  if (pseudonym.size() < Ff1::kTextBytesMin) return no_identifier();
  if (pseudonym.size() <= kShortIdentifierBytesMax) {
    Bytes text(pseudonym.begin(), pseudonym.end());
    const std::span<uint8_t> texts[] = {text};
    ff1_.decrypt_texts(byte.view(), texts);
    return as_identifier(std::move(text));
  }
  if (pseudonym.size() <= kShortIdentifierBytesMax + Siv::kTagBytes ||
      pseudonym.size() > kIdentifierBytesMax + Siv::kTagBytes) {
    return no_identifier();
  }
  return decrypt_text(domain, pseudonym);
}

void Pseudonymiser::encrypt_text(Domain domain, std::string_view text, Bytes& append_to) const {
  siv_.encrypt(DomainByte(domain).view(), as_bytes(text), append_to);
}

Result<std::string> Pseudonymiser::decrypt_text(Domain domain, ByteView sealed) const {
  WEERBAAR_ASSIGN(const Bytes text, siv_.decrypt(DomainByte(domain).view(), sealed));
  return std::string(as_text(text));
}

}  // namespace weerbaar::trail

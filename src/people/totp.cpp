#include "people/totp.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"
#include "os/file_system.h"
#include "people/percent.h"

namespace weerbaar::people {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::string hotp(ByteView secret, uint64_t counter, unsigned digits) {
  WEERBAAR_CHECK(digits >= 6 && digits <= 8);
  std::array<uint8_t, 8> message{};
  store_be(message.data(), counter);
  std::array<uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned bytes = 0;
  WEERBAAR_CHECK(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(),
                      mac.data(), &bytes) != nullptr);
  const size_t at = mac[bytes - 1] & 0x0FU;
  const uint32_t number = load_be<uint32_t>(mac.data() + at) & 0x7FFF'FFFFU;
  constexpr std::array<uint32_t, 3> kModulo = {1'000'000, 10'000'000, 100'000'000};
  return fmt::format("{:0{}}", number % kModulo[digits - 6], digits);
}

std::optional<int64_t> totp_step(ByteView secret, std::string_view code, Time now, int64_t last_step) {
  if (code.size() != kTotpDigits) return std::nullopt;
  const int64_t here = floor_div(now.micros, kTotpSeconds * kMicrosPerSecond);
  std::optional<int64_t> found;
  for (int64_t step = here - kTotpSlack; step <= here + kTotpSlack; ++step) {
    const std::string right = hotp(secret, static_cast<uint64_t>(step));
    const bool same = CRYPTO_memcmp(right.data(), code.data(), code.size()) == 0;
    if (same && step > last_step && !found) found = step;
  }
  return found;
}

std::string to_base32(ByteView bytes) {
  std::string out;
  uint32_t held = 0;
  unsigned bits = 0;
  for (const uint8_t byte : bytes) {
    held = (held << 8U | byte) & 0xFFFFU;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kBase32[held >> bits & 31U];
    }
  }
  if (bits > 0) out += kBase32[held << (5 - bits) & 31U];
  return out;
}

Result<Bytes> from_base32(std::string_view text) {
  Bytes bytes;
  uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const size_t value = kBase32.find(c);
    if (value == std::string_view::npos) return fail(Code::kInvalid, "base32 has the letters A-Z and the digits 2-7");
    held = (held << 5U | static_cast<uint32_t>(value)) & 0xFFFU;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<uint8_t>(held >> bits));
    }
  }
  if (to_base32(bytes) != text) return fail(Code::kInvalid, "base32 ends in a character that says nothing");
  return bytes;
}

Result<Bytes> make_totp_secret() {
  Bytes secret(kTotpSecretBytes);
  WEERBAAR_TRY(os::fill_random(secret));
  return secret;
}

std::string otpauth_uri(std::string_view account, std::string_view issuer, ByteView secret) {
  return fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits={3}&period={4}",
                     percent_encoded(issuer), percent_encoded(account), to_base32(secret), kTotpDigits, kTotpSeconds);
}

}  // namespace weerbaar::people

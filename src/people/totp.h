// One-time codes that change every 30 seconds: TOTP (RFC 6238) over HMAC-SHA-1, six digits, as the usual apps make
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace weerbaar::people {

inline constexpr size_t kTotpSecretBytes = 20;
inline constexpr int64_t kTotpSeconds = 30;
inline constexpr unsigned kTotpDigits = 6;
// A code is taken so many steps before and after its own, for clocks that are not right.
inline constexpr int64_t kTotpSlack = 1;

// RFC 4226 section 5.3, with `digits` (6 to 8) digits.
std::string hotp(ByteView secret, uint64_t counter, unsigned digits = kTotpDigits);

// The step of which this is the code, when it is later than `last_step`, the last one used: each code counts once.
std::optional<int64_t> totp_step(ByteView secret, std::string_view code, Time now, int64_t last_step);

// RFC 4648 section 6, without padding. from_base32 takes what to_base32 writes, nothing else.
std::string to_base32(ByteView bytes);
Result<Bytes> from_base32(std::string_view text);

Result<Bytes> make_totp_secret();
// "otpauth://totp/…": what an app takes in, as text or as a picture.
std::string otpauth_uri(std::string_view account, std::string_view issuer, ByteView secret);

}  // namespace weerbaar::people

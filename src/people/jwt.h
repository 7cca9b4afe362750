// Verifies ID tokens of OpenID Connect: JWS (RFC 7515) by RS256, PS256 or ES256, with the keys of the provider (RFC
// 7517, RFC 7518), and the claims as OpenID Connect Core 1.0 section 3.1.3.7 asks. Nothing else of JOSE is taken: no
// "none", no shared secrets, no encryption, no keys from the token itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct evp_pkey_st;

namespace weerbaar::people {

inline constexpr size_t kTokenBytesMax = 16 * 1024;
inline constexpr size_t kKeysMax = 64;
// Clocks may differ by so much.
inline constexpr int64_t kClockSlackSeconds = 60;
inline constexpr int64_t kTokenAgeSecondsMax = 3'600;

enum class Algorithm : uint8_t { kRs256, kPs256, kEs256 };

// RFC 4648 section 5 without padding, strict.
std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

// The public keys of a provider. Immutable, so thread-safe.
class KeySet {
 public:
  // Keys that cannot be used here are left out: other kinds, for encryption, weak ones, wrong ones. kInvalid when it is
  // no set of keys.
  static Result<KeySet> parse(std::string_view json);

  struct Key {
    std::string id;
    std::optional<Algorithm> only;  // what it says it is for
    bool is_rsa = false;
    std::shared_ptr<evp_pkey_st> key;
  };
  // The key of that id, for that algorithm; without an id the only one that fits. Null when there is none.
  [[nodiscard]] const Key* find(std::string_view id, Algorithm algorithm) const;
  [[nodiscard]] size_t size() const { return keys_.size(); }

 private:
  std::vector<Key> keys_;
};

struct ExpectedToken {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  int64_t now = 0;  // seconds since 1970
};

struct IdToken {
  std::string subject;
  std::string claims;  // JSON object

  // A claim that is a text, or a whole number as text; empty when it is neither.
  [[nodiscard]] std::string text(std::string_view claim) const;
  // A claim that is a list of texts, or one.
  [[nodiscard]] std::vector<std::string> texts(std::string_view claim) const;
};

// kNotFound: the key is not in the set, which may be an old one. kDenied for anything else that is wrong, with what it
// is and nothing of the token.
Result<IdToken> verify_id_token(std::string_view token, const KeySet& keys, const ExpectedToken& expected);

}  // namespace weerbaar::people

// Keys of signed notes (c2sp.org/signed-note): Ed25519 (RFC 8032), by OpenSSL. The signature type is a byte of the
// format, so that another algorithm is another case here and nowhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace weerbaar::trail {

inline constexpr size_t kSeedBytes = 32;
inline constexpr size_t kKeyNameBytesMax = 255;

// The identifiers that C2SP assigned to algorithms, those that we know. A key has one of them: what it signs as a log
// it never signs as a witness.
enum class SignatureType : uint8_t {
  kEd25519 = 0x01,      // over the text of the note
  kCosignature = 0x04,  // Ed25519 with the time: trail/format/cosignature.h
};

// True for a name that a key may have: 1 to kKeyNameBytesMax bytes of UTF-8 without spaces, control characters or '+'.
bool is_key_name(std::string_view name);

// What others need to check signatures. The id is not a secret nor a strong hash: it only tells keys apart.
struct VerifierKey {
  std::string name;
  uint32_t id = 0;
  SignatureType type = SignatureType::kEd25519;
  Bytes public_key;

  bool operator==(const VerifierKey&) const = default;

  // From `name+id+base64(type || public key)`. kInvalid when it is not such a text in its one canonical form, when the
  // id is not that of the key, or when the type is another than `wanted`.
  static Result<VerifierKey> parse(std::string_view text, SignatureType wanted = SignatureType::kEd25519);
  [[nodiscard]] std::string format() const;

  // `signature` is what stands in a note behind the id of the key: of a cosignature its time, and the 64 bytes.
  // kCorrupt when this key did not make it over `message`.
  [[nodiscard]] Status verify(ByteView message, ByteView signature) const;
};

// A private key. The seed lives only inside OpenSSL's key, which wipes it when destroyed. Movable. Signing does not
// change the key, so threads may share it.
class SigningKey {
 public:
  // The key that RFC 8032 derives from the seed. A new key is one from kSeedBytes of fresh randomness. kInvalid when
  // the name is not a key name.
  static Result<SigningKey> from_seed(std::string_view name, std::span<const uint8_t, kSeedBytes> seed,
                                      SignatureType type = SignatureType::kEd25519);
  // From the form that Go's note package writes: `PRIVATE+KEY+name+id+base64(01 || seed)`, and 04 for a witness.
  static Result<SigningKey> parse(std::string_view text, SignatureType wanted = SignatureType::kEd25519);
  // The same form. It holds the secret: the caller stores it where only its owner reads it, and wipes it.
  [[nodiscard]] Result<std::string> format() const;

  [[nodiscard]] const VerifierKey& verifier() const { return verifier_; }
  // The 64 bytes of the signature over `message`; always the same for the same message.
  [[nodiscard]] Result<Bytes> sign(ByteView message) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, Free>;

  SigningKey(Key key, VerifierKey verifier) : key_(std::move(key)), verifier_(std::move(verifier)) {}

  Key key_;
  VerifierKey verifier_;
};

}  // namespace weerbaar::trail

#include "people/secret_box.h"

#include <sodium.h>

#include <algorithm>
#include <span>

#include "os/file_system.h"

namespace weerbaar::people {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(SecretBox::kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

Result<SecretBox> SecretBox::create(ByteView key) {
  if (key.size() != kKeyBytes) return fail(Code::kInvalid, "the key of people's secrets has 32 bytes");
  SecretBox box;
  std::ranges::copy(key, box.key_.begin());
  return box;
}

Result<SecretBox> SecretBox::with_new_key() {
  SecretBox box;
  WEERBAAR_TRY(os::fill_random(box.key_));
  return box;
}

SecretBox::~SecretBox() {
  sodium_memzero(key_.data(), key_.size());
}

Result<std::string> SecretBox::seal(std::string_view secret, std::string_view whose) const {
  Bytes sealed(kNonceBytes + secret.size() + kTagBytes);
  WEERBAAR_TRY(os::fill_random(std::span(sealed).first(kNonceBytes)));
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceBytes, nullptr, bytes_of(secret), secret.size(),
                                             bytes_of(whose), whose.size(), nullptr, sealed.data(), key_.data());
  return to_hex(sealed);
}

Result<std::string> SecretBox::open(std::string_view sealed, std::string_view whose) const {
  const auto bytes = from_hex(sealed);
  const auto refuse = [] {
    return fail(Code::kCorrupt,
                "a secret in the database of people was not sealed for its account with people.key: put the right key "
                "back among the keys, or reset the account");
  };
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return refuse();
  std::string secret(bytes->size() - kNonceBytes - kTagBytes, '\0');
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<uint8_t*>(secret.data()), nullptr, nullptr, bytes->data() + kNonceBytes,
      bytes->size() - kNonceBytes, bytes_of(whose), whose.size(), bytes->data(), key_.data());
  if (opened != 0) return refuse();
  return secret;
}

}  // namespace weerbaar::people

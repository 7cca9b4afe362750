// Secrets of people are encrypted in the database, with a key that lies elsewhere: XChaCha20-Poly1305 (RFC 8439 with
// the longer nonce of libsodium), bound to whose they are.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace weerbaar::people {

class SecretBox {
 public:
  static constexpr size_t kKeyBytes = 32;

  // kInvalid when the key has another length.
  static Result<SecretBox> create(ByteView key);
  // For secrets that need not outlive the box and its copies.
  static Result<SecretBox> with_new_key();
  ~SecretBox();
  SecretBox(const SecretBox& other) = default;
  SecretBox& operator=(const SecretBox&) = delete;

  // As text: hexadecimal digits.
  [[nodiscard]] Result<std::string> seal(std::string_view secret, std::string_view whose) const;
  // kCorrupt when it was sealed with another key, for somebody else, or changed since.
  [[nodiscard]] Result<std::string> open(std::string_view sealed, std::string_view whose) const;

 private:
  SecretBox() = default;

  std::array<uint8_t, kKeyBytes> key_{};
};

}  // namespace weerbaar::people

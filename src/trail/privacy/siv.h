// AES-SIV (RFC 5297): deterministic authenticated encryption. Equal texts give equal results, and nothing else can be
// learned or forged without the key. By OpenSSL.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"

struct evp_cipher_ctx_st;

namespace weerbaar::trail {

// One key. Thread-safe. The key is wiped from memory when this is destroyed.
class Siv {
 public:
  static constexpr size_t kTagBytes = 16;
  static constexpr size_t kTextBytesMax = size_t{1} << 24U;

  // `key`: 32, 48 or 64 bytes for AES-128, -192 or -256, else kInvalid. kIo when OpenSSL offers no AES-SIV.
  static Result<Siv> create(ByteView key);

  // Appends the tag and then the encrypted text. Both inputs hold at least one byte and at most kTextBytesMax:
  // OpenSSL 3.0 goes wrong on empty ones.
  void encrypt(ByteView associated, ByteView text, Bytes& append_to) const;

  // The text. kCorrupt when the key or the associated data is another, or a bit has changed.
  [[nodiscard]] Result<Bytes> decrypt(ByteView associated, ByteView sealed) const;

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  using Context = std::unique_ptr<evp_cipher_ctx_st, FreeContext>;

  Siv(Context encryptor, Context decryptor);
  // A context is spent after one message, and OpenSSL derives a key slowly: each message gets a copy of a keyed one.
  static Context copy_of(const Context& model);

  Context encryptor_;
  Context decryptor_;
};

}  // namespace weerbaar::trail

// AES (FIPS 197) on whole blocks, by OpenSSL: what the modes of this folder are built from.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

struct evp_cipher_ctx_st;

namespace weerbaar::trail {

inline constexpr size_t kAesBlockBytes = 16;

// One key. Thread-safe: OpenSSL's contexts are not, so each borrower has its own, prepared once and used again. The key
// is wiped from memory when this is destroyed.
class Aes {
 public:
  // `key`: 16, 24 or 32 bytes, else kInvalid. kIo when OpenSSL offers no AES.
  static Result<Aes> create(ByteView key);

  Aes(Aes&&) noexcept;
  Aes& operator=(Aes&&) noexcept;
  ~Aes();

 private:
  struct Pool;

 public:
  // The cipher for one thread, given back when destroyed. Must not outlive its Aes.
  class Borrowed {
   public:
    explicit Borrowed(Pool& pool);
    ~Borrowed();
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    // Encrypts each block on its own, in place. `blocks`: a multiple of 16 bytes, at most 1 GiB.
    void encrypt(std::span<uint8_t> blocks) const;

   private:
    Pool& pool_;
    evp_cipher_ctx_st* context_;
  };

  [[nodiscard]] Borrowed borrow() const { return Borrowed(*pool_); }

 private:
  explicit Aes(std::unique_ptr<Pool> pool);

  std::unique_ptr<Pool> pool_;
};

}  // namespace weerbaar::trail

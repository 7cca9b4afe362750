#include "trail/privacy/aes.h"

#include <openssl/evp.h>

#include <mutex>
#include <vector>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

// Contexts kept for later use; more threads than this at once cost an allocation each time.
constexpr size_t kIdleContextsMax = 64;
constexpr size_t kBlocksBytesMax = size_t{1} << 30U;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};

const char* cipher_name(size_t key_bytes) {
  switch (key_bytes) {
    case 16:
      return "AES-128-ECB";
    case 24:
      return "AES-192-ECB";
    case 32:
      return "AES-256-ECB";
    default:
      return nullptr;
  }
}

}  // namespace

struct Aes::Pool {
  Context model;  // has the key; only ever copied
  std::mutex mutex;
  std::vector<Context> idle;

  EVP_CIPHER_CTX* take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        EVP_CIPHER_CTX* const context = idle.back().release();
        idle.pop_back();
        return context;
      }
    }
    Context context(EVP_CIPHER_CTX_new());
    WEERBAAR_CHECK(context != nullptr && EVP_CIPHER_CTX_copy(context.get(), model.get()) == 1);
    return context.release();
  }

  void give_back(EVP_CIPHER_CTX* returned) {
    Context context(returned);
    const std::lock_guard lock(mutex);
    if (idle.size() < kIdleContextsMax) idle.push_back(std::move(context));
  }
};

Aes::Aes(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
Aes::Aes(Aes&&) noexcept = default;
Aes& Aes::operator=(Aes&&) noexcept = default;
Aes::~Aes() = default;

Result<Aes> Aes::create(ByteView key) {
  const char* const name = cipher_name(key.size());
  if (name == nullptr) return fail(Code::kInvalid, "an AES key is 16, 24 or 32 bytes long");
  const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
  auto pool = std::make_unique<Pool>();
  pool->idle.reserve(kIdleContextsMax);
  pool->model.reset(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || pool->model == nullptr ||
      EVP_EncryptInit_ex2(pool->model.get(), cipher.get(), key.data(), nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(pool->model.get(), 0) != 1) {
    return fail(Code::kIo,
                std::string("OpenSSL offers no ") + name + ": check the installation of its default provider");
  }
  return Aes(std::move(pool));
}

Aes::Borrowed::Borrowed(Pool& pool) : pool_(pool), context_(pool.take()) {}
Aes::Borrowed::~Borrowed() {
  pool_.give_back(context_);
}

void Aes::Borrowed::encrypt(std::span<uint8_t> blocks) const {
  if (blocks.empty()) return;
  WEERBAAR_CHECK(blocks.size() % kAesBlockBytes == 0 && blocks.size() <= kBlocksBytesMax);
  int written = 0;
  const int bytes = static_cast<int>(blocks.size());
  WEERBAAR_CHECK(EVP_EncryptUpdate(context_, blocks.data(), &written, blocks.data(), bytes) == 1 && written == bytes);
}

}  // namespace weerbaar::trail

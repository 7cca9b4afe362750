#include "trail/privacy/siv.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace weerbaar::trail {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};

const char* cipher_name(size_t key_bytes) {
  switch (key_bytes) {
    case 32:
      return "AES-128-SIV";
    case 48:
      return "AES-192-SIV";
    case 64:
      return "AES-256-SIV";
    default:
      return nullptr;
  }
}

bool in_range(ByteView bytes) {
  return !bytes.empty() && bytes.size() <= Siv::kTextBytesMax;
}

}  // namespace

void Siv::FreeContext::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

Siv::Siv(Context encryptor, Context decryptor) : encryptor_(std::move(encryptor)), decryptor_(std::move(decryptor)) {}

Result<Siv> Siv::create(ByteView key) {
  const char* const name = cipher_name(key.size());
  if (name == nullptr) return fail(Code::kInvalid, "an AES-SIV key is 32, 48 or 64 bytes long");
  const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
  Context encryptor(EVP_CIPHER_CTX_new());
  Context decryptor(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || encryptor == nullptr || decryptor == nullptr ||
      EVP_EncryptInit_ex2(encryptor.get(), cipher.get(), key.data(), nullptr, nullptr) != 1 ||
      EVP_DecryptInit_ex2(decryptor.get(), cipher.get(), key.data(), nullptr, nullptr) != 1) {
    return fail(Code::kIo,
                std::string("OpenSSL offers no ") + name + ": check the installation of its default provider");
  }
  return Siv(std::move(encryptor), std::move(decryptor));
}

Siv::Context Siv::copy_of(const Context& model) {
  Context context(EVP_CIPHER_CTX_new());
  WEERBAAR_CHECK(context != nullptr && EVP_CIPHER_CTX_copy(context.get(), model.get()) == 1);
  return context;
}

void Siv::encrypt(ByteView associated, ByteView text, Bytes& append_to) const {
  WEERBAAR_CHECK(in_range(associated) && in_range(text));
  const Context context = copy_of(encryptor_);
  const size_t at = append_to.size();
  append_to.resize(at + kTagBytes + text.size());
  uint8_t* const tag = append_to.data() + at;
  const int size = static_cast<int>(text.size());
  int ignored = 0;
  int written = 0;
  WEERBAAR_CHECK(EVP_EncryptUpdate(context.get(), nullptr, &ignored, associated.data(),
                                   static_cast<int>(associated.size())) == 1 &&
                 EVP_EncryptUpdate(context.get(), tag + kTagBytes, &written, text.data(), size) == 1 &&
                 written == size && EVP_EncryptFinal_ex(context.get(), tag + kTagBytes, &ignored) == 1 &&
                 EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1);
}

Result<Bytes> Siv::decrypt(ByteView associated, ByteView sealed) const {
  WEERBAAR_CHECK(in_range(associated));
  if (sealed.size() <= kTagBytes || sealed.size() - kTagBytes > kTextBytesMax) {
    return fail(Code::kCorrupt, "an encrypted text has an impossible length: verify the trail");
  }
  const Context context = copy_of(decryptor_);
  Bytes tag(sealed.begin(), sealed.begin() + kTagBytes);  // OpenSSL wants it writable
  Bytes text(sealed.size() - kTagBytes);
  const int size = static_cast<int>(text.size());
  int ignored = 0;
  int written = 0;
  WEERBAAR_CHECK(
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &ignored, associated.data(), static_cast<int>(associated.size())) == 1);
  ERR_set_mark();  // a refused text leaves nothing in the thread's error queue
  const bool genuine = EVP_DecryptUpdate(context.get(), text.data(), &written, sealed.data() + kTagBytes, size) == 1 &&
                       written == size && EVP_DecryptFinal_ex(context.get(), text.data() + size, &ignored) == 1;
  ERR_pop_to_mark();
  if (!genuine) {
    return fail(Code::kCorrupt,
                "an encrypted text does not match its key: verify the trail, and that its keys are used");
  }
  return text;
}

}  // namespace weerbaar::trail

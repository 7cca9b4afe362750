#include "trail/format/signature.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/freed.h"
#include "base/utf8.h"
#include "trail/format/cosignature.h"
#include "trail/format/sha256.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";
constexpr const char* kAlgorithm = "ED25519";
constexpr size_t kPublicKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kTimeBytes = 8;

// The characters with the property White_Space of Unicode, in UTF-8, and the ASCII ones that are control characters
// too.
constexpr std::string_view kSpaces[] = {"\u0020", "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
                                        "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
                                        "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

// OpenSSL keeps its reasons in a queue of the thread, which would grow and mislead whoever reads it next.
std::unexpected<Error> refused_by_openssl(Code code, std::string text) {
  ERR_clear_error();
  return fail(code, std::move(text));
}

// Bytes that hold a secret, wiped on destruction.
template <class Container>
class Secret {
 public:
  explicit Secret(Container bytes = {}) : bytes_(std::move(bytes)) {}
  ~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Container& operator*() { return bytes_; }

 private:
  Container bytes_;
};

// The first four bytes of SHA-256(name || LF || type || public key): c2sp.org/signed-note, "Signatures".
uint32_t key_id_of(std::string_view name, SignatureType type, ByteView public_key) {
  Bytes input;
  append(input, as_bytes(name));
  input.push_back('\n');
  input.push_back(static_cast<uint8_t>(type));
  append(input, public_key);
  return load_be<uint32_t>(sha256(input).data());
}

std::string format_id(uint32_t id) {
  std::array<uint8_t, sizeof id> bytes;
  store_be(bytes.data(), id);
  return to_hex(bytes);
}

// The three fields between the first two pluses; the third may hold pluses of its own.
struct Fields {
  std::string_view name;
  std::string_view id;
  std::string_view key;  // base64
};

Result<Fields> split_key(std::string_view text) {
  const size_t first = text.find('+');
  const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return fail(Code::kInvalid, "a key is not of the form name+id+base64");
  Fields fields{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  if (!is_key_name(fields.name))
    return fail(Code::kInvalid, "a key has a name with a space, or none, or a too long one");
  return fields;
}

// Checks type byte and length of the decoded third field.
Status check_key_bytes(ByteView bytes, SignatureType wanted) {
  if (bytes.empty() || bytes[0] != static_cast<uint8_t>(wanted)) {
    return fail(Code::kInvalid, wanted == SignatureType::kEd25519
                                    ? "a key is of another type than Ed25519 (01), the only one known here"
                                    : "the key of a witness is of another type than Ed25519 with a time (04), the only "
                                      "one known here");
  }
  if (bytes.size() != 1 + kPublicKeyBytes) return fail(Code::kInvalid, "an Ed25519 key is not 32 bytes long");
  return {};
}

Status check_id(std::string_view written, const VerifierKey& key) {
  if (written == format_id(key.id)) return {};
  return fail(Code::kInvalid, "the id of a key does not belong to its name and bytes; was the text cut or changed?");
}

Status verify_ed25519(const VerifierKey& of, ByteView message, ByteView signature) {
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(
      EVP_PKEY_new_raw_public_key_ex(nullptr, kAlgorithm, nullptr, of.public_key.data(), of.public_key.size()));
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  if (!key || !context ||
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) != 1) {
    return refused_by_openssl(Code::kIo, "OpenSSL cannot check Ed25519 signatures; look at its configuration");
  }
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) {
    return refused_by_openssl(Code::kCorrupt, "the signature of " + of.name + " does not belong to this text");
  }
  return {};
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > kKeyNameBytesMax || !is_utf8(name)) return false;
  if (std::ranges::any_of(name, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f || c == '+'; })) {
    return false;
  }
  return std::ranges::none_of(kSpaces, [&](std::string_view space) { return name.contains(space); });
}

Result<VerifierKey> VerifierKey::parse(std::string_view text, SignatureType wanted) {
  WEERBAAR_ASSIGN(const Fields fields, split_key(text));
  WEERBAAR_ASSIGN(const Bytes bytes, from_base64(fields.key));
  WEERBAAR_TRY(check_key_bytes(bytes, wanted));
  VerifierKey key{std::string(fields.name), 0, wanted, Bytes(bytes.begin() + 1, bytes.end())};
  key.id = key_id_of(key.name, key.type, key.public_key);
  WEERBAAR_TRY(check_id(fields.id, key));
  return key;
}

std::string VerifierKey::format() const {
  Bytes bytes{static_cast<uint8_t>(type)};
  append(bytes, public_key);
  return name + '+' + format_id(id) + '+' + to_base64(bytes);
}

Status VerifierKey::verify(ByteView message, ByteView signature) const {
  if (type == SignatureType::kEd25519) return verify_ed25519(*this, message, signature);
  const auto time = cosignature_time(signature);
  if (!time) return fail(Code::kCorrupt, "the cosignature of " + name + " has no time or not 64 bytes behind it");
  return verify_ed25519(*this, as_bytes(cosigned_message(as_text(message), *time)), signature.subspan(kTimeBytes));
}

void SigningKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<SigningKey> SigningKey::from_seed(std::string_view name, std::span<const uint8_t, kSeedBytes> seed,
                                         SignatureType type) {
  if (!is_key_name(name)) {
    return fail(Code::kInvalid, "the name of a key is empty, longer than 255 bytes, or holds a space or a plus");
  }
  Key key(EVP_PKEY_new_raw_private_key_ex(nullptr, kAlgorithm, nullptr, seed.data(), seed.size()));
  Bytes public_key(kPublicKeyBytes);
  size_t size = public_key.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) != 1 || size != kPublicKeyBytes) {
    return refused_by_openssl(Code::kIo, "OpenSSL cannot make an Ed25519 key; look at its configuration");
  }
  const uint32_t id = key_id_of(name, type, public_key);
  return SigningKey(std::move(key), {std::string(name), id, type, std::move(public_key)});
}

Result<SigningKey> SigningKey::parse(std::string_view text, SignatureType wanted) {
  if (!text.starts_with(kPrivatePrefix)) return fail(Code::kInvalid, "a private key does not start with PRIVATE+KEY+");
  WEERBAAR_ASSIGN(const Fields fields, split_key(text.substr(kPrivatePrefix.size())));
  auto decoded = from_base64(fields.key);
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  Secret<Bytes> bytes(std::move(*decoded));
  WEERBAAR_TRY(check_key_bytes(*bytes, wanted));
  WEERBAAR_ASSIGN(auto key, from_seed(fields.name, std::span(*bytes).subspan<1, kSeedBytes>(), wanted));
  WEERBAAR_TRY(check_id(fields.id, key.verifier()));
  return key;
}

Result<std::string> SigningKey::format() const {
  Secret<std::array<uint8_t, 1 + kSeedBytes>> bytes;
  (*bytes)[0] = static_cast<uint8_t>(verifier_.type);
  size_t size = kSeedBytes;
  if (EVP_PKEY_get_raw_private_key(key_.get(), (*bytes).data() + 1, &size) != 1 || size != kSeedBytes) {
    return refused_by_openssl(Code::kIo, "OpenSSL does not give the seed of an Ed25519 key");
  }
  Secret<std::string> base64(to_base64(*bytes));
  std::string text;
  // One allocation, so that no copy of the secret stays behind in memory.
  text.reserve(kPrivatePrefix.size() + verifier_.name.size() + 10 + (*base64).size());
  text.append(kPrivatePrefix).append(verifier_.name).append("+").append(format_id(verifier_.id)).append("+");
  return text.append(*base64);
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  Bytes signature(kSignatureBytes);
  size_t size = signature.size();
  if (!context || EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(), nullptr) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    return refused_by_openssl(Code::kIo, "OpenSSL cannot sign with Ed25519; look at its configuration");
  }
  WEERBAAR_CHECK(size == kSignatureBytes);
  return signature;
}

}  // namespace weerbaar::trail

// For tests only: a key that signs tokens as a provider does.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"
#include "people/jwt.h"

namespace weerbaar::people {

class TestKey {
 public:
  explicit TestKey(Algorithm algorithm)
      : algorithm_(algorithm),
        key_(algorithm == Algorithm::kEs256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2'048), EVP_PKEY_free) {}

  [[nodiscard]] nlohmann::json jwk(const std::string& id) const {
    if (algorithm_ == Algorithm::kEs256) {
      return {{"kty", "EC"}, {"crv", "P-256"}, {"kid", id}, {"x", number("qx", 32)}, {"y", number("qy", 32)}};
    }
    return {{"kty", "RSA"}, {"kid", id}, {"use", "sig"}, {"n", number("n", 256)}, {"e", "AQAB"}};
  }
  [[nodiscard]] std::string pem() const {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(memory);
    return text;
  }
  // By the algorithm of the header, unless another is asked.
  [[nodiscard]] std::string sign(const nlohmann::json& header, const nlohmann::json& claims) const {
    const std::string name = header.value("alg", "RS256");
    return sign(header, claims, name == "PS256" ? Algorithm::kPs256 : algorithm_);
  }
  [[nodiscard]] std::string sign(const nlohmann::json& header, const nlohmann::json& claims, Algorithm by) const {
    const std::string front = to_base64url(as_bytes(header.dump())) + "." + to_base64url(as_bytes(claims.dump()));
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* key_context = nullptr;
    WEERBAAR_CHECK(EVP_DigestSignInit(context, &key_context, EVP_sha256(), nullptr, key_.get()) == 1);
    if (by == Algorithm::kPs256) {
      EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    Bytes signature(512);
    size_t size = signature.size();
    WEERBAAR_CHECK(EVP_DigestSign(context, signature.data(), &size, as_bytes(front).data(), front.size()) == 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    if (algorithm_ == Algorithm::kEs256) signature = raw(signature);
    return front + "." + to_base64url(signature);
  }

 private:
  [[nodiscard]] std::string number(const char* name, int bytes) const {
    BIGNUM* value = nullptr;
    WEERBAAR_CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
    Bytes out(static_cast<size_t>(bytes));
    BN_bn2binpad(value, out.data(), bytes);
    BN_free(value);
    return to_base64url(out);
  }
  static Bytes raw(const Bytes& der) {
    const uint8_t* from = der.data();
    ECDSA_SIG* const both = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()));
    Bytes out(64);
    BN_bn2binpad(ECDSA_SIG_get0_r(both), out.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(both), out.data() + 32, 32);
    ECDSA_SIG_free(both);
    return out;
  }

  Algorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace weerbaar::people

#include "people/jwt.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/freed.h"

namespace weerbaar::people {
namespace {

using Json = nlohmann::json;

constexpr size_t kKeySetBytesMax = 256 * 1024;
constexpr size_t kSubjectBytesMax = 255;
constexpr int kRsaBitsMin = 2'048;
constexpr int kRsaBitsMax = 8'192;
constexpr size_t kCoordinateBytes = 32;  // of P-256

using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using ParametersBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyPointer = std::shared_ptr<evp_pkey_st>;

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kDenied, "the ID token is refused: " + std::string(why));
}

std::optional<Algorithm> parse_algorithm(std::string_view word) {
  if (word == "RS256") return Algorithm::kRs256;
  if (word == "PS256") return Algorithm::kPs256;
  if (word == "ES256") return Algorithm::kEs256;
  return std::nullopt;
}

// A member that is a text; empty when it is not there or something else.
std::string text_of(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<int64_t> seconds_of(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
  if (found->is_number_integer()) return found->get<int64_t>();
  if (!found->is_number_float()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds > -1e15 && seconds < 1e15)) return std::nullopt;
  return static_cast<int64_t>(seconds);
}

KeyPointer key_from(const char* kind, OSSL_PARAM* parameters) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

KeyPointer rsa_key(const Json& json) {
  const auto modulus = from_base64url(text_of(json, "n"));
  const auto exponent = from_base64url(text_of(json, "e"));
  if (!modulus || !exponent || modulus->empty() || exponent->empty() || modulus->size() > kRsaBitsMax / 8 ||
      exponent->size() > 4) {
    return nullptr;
  }
  const Number n(BN_bin2bn(modulus->data(), static_cast<int>(modulus->size()), nullptr));
  const Number e(BN_bin2bn(exponent->data(), static_cast<int>(exponent->size()), nullptr));
  const ParametersBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || BN_num_bits(n.get()) < kRsaBitsMin || BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 ||
      BN_is_one(e.get()) == 1 || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return parameters ? key_from("RSA", parameters.get()) : nullptr;
}

KeyPointer ec_key(const Json& json) {
  const auto x = from_base64url(text_of(json, "x"));
  const auto y = from_base64url(text_of(json, "y"));
  if (text_of(json, "crv") != "P-256" || !x || !y || x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) {
    return nullptr;
  }
  Bytes point = {0x04};  // not compressed
  append(point, *x);
  append(point, *y);
  std::string group = "prime256v1";
  std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()), OSSL_PARAM_END};
  KeyPointer key = key_from("EC", parameters.data());
  if (key == nullptr) return nullptr;
  // A point that is not on the curve is no key.
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_public_check(context.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

std::optional<KeySet::Key> parse_key(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const std::string use = text_of(json, "use");
  if (json.contains("use") && use != "sig") return std::nullopt;
  KeySet::Key key;
  key.id = text_of(json, "kid");
  if (json.contains("alg")) {
    key.only = parse_algorithm(text_of(json, "alg"));
    if (!key.only) return std::nullopt;
  }
  const std::string kind = text_of(json, "kty");
  key.is_rsa = kind == "RSA";
  if (key.is_rsa) key.key = rsa_key(json);
  if (kind == "EC") key.key = ec_key(json);
  if (key.key == nullptr) return std::nullopt;
  return key;
}

// OpenSSL takes the two numbers of ES256 as DER.
Result<Bytes> der_of(ByteView signature) {
  if (signature.size() != 2 * kCoordinateBytes) return refuse("its signature is no ES256 signature");
  Number r(BN_bin2bn(signature.data(), kCoordinateBytes, nullptr));
  Number s(BN_bin2bn(signature.data() + kCoordinateBytes, kCoordinateBytes, nullptr));
  const Signature both(ECDSA_SIG_new());
  if (!r || !s || !both || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return refuse("no memory");
  // They are of `both` now.
  [[maybe_unused]] const BIGNUM* const taken_r = r.release();
  [[maybe_unused]] const BIGNUM* const taken_s = s.release();
  Bytes der(static_cast<size_t>(std::max(i2d_ECDSA_SIG(both.get(), nullptr), 0)));
  uint8_t* to = der.data();
  i2d_ECDSA_SIG(both.get(), &to);
  return der;
}

Status check_signature(std::string_view signed_text, Bytes signature, Algorithm algorithm, const KeySet::Key& key) {
  if (algorithm == Algorithm::kEs256) {
    WEERBAAR_ASSIGN(signature, der_of(signature));
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  bool right = context != nullptr &&
               EVP_DigestVerifyInit(context.get(), &key_context, EVP_sha256(), nullptr, key.key.get()) == 1;
  if (right && algorithm == Algorithm::kPs256) {
    right = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const ByteView text = as_bytes(signed_text);
  right = right && EVP_DigestVerify(context.get(), signature.data(), signature.size(), text.data(), text.size()) == 1;
  ERR_clear_error();
  if (!right) return refuse("its signature is wrong");
  return {};
}

Result<Json> read_object(std::string_view base64url, std::string_view what) {
  const auto bytes = from_base64url(base64url);
  if (!bytes) return refuse(std::string(what) + " is no base64url");
  Json json = Json::parse(as_text(*bytes), nullptr, false);
  if (!json.is_object()) return refuse(std::string(what) + " is no object in JSON");
  return json;
}

Status check_audience(const Json& claims, const std::string& client_id) {
  const auto found = claims.find("aud");
  bool is_ours = false;
  size_t count = 0;
  if (found != claims.end() && found->is_string()) {
    count = 1;
    is_ours = found->get<std::string>() == client_id;
  } else if (found != claims.end() && found->is_array()) {
    count = found->size();
    is_ours = std::ranges::any_of(
        *found, [&client_id](const Json& one) { return one.is_string() && one.get<std::string>() == client_id; });
  }
  if (!is_ours) return refuse("it is for somebody else (aud)");
  if (claims.contains("azp") || count > 1) {
    if (text_of(claims, "azp") != client_id) return refuse("it was made for another party (azp)");
  }
  return {};
}

Status check_times(const Json& claims, int64_t now) {
  const auto expires = seconds_of(claims, "exp");
  if (!expires || now >= *expires + kClockSlackSeconds) return refuse("it has expired, or does not say when (exp)");
  const auto begins = seconds_of(claims, "nbf");
  if (claims.contains("nbf") && (!begins || now < *begins - kClockSlackSeconds))
    return refuse("it is not valid yet (nbf)");
  const auto made = seconds_of(claims, "iat");
  if (!made || now < *made - kClockSlackSeconds || now > *made + kTokenAgeSecondsMax) {
    return refuse("it was made at another time (iat)");
  }
  return {};
}

Status check_claims(const Json& claims, const ExpectedToken& expected) {
  if (text_of(claims, "iss") != expected.issuer || expected.issuer.empty())
    return refuse("it is of another issuer (iss)");
  WEERBAAR_TRY(check_audience(claims, expected.client_id));
  WEERBAAR_TRY(check_times(claims, expected.now));
  const std::string nonce = text_of(claims, "nonce");
  if (expected.nonce.empty() || nonce.size() != expected.nonce.size() ||
      CRYPTO_memcmp(nonce.data(), expected.nonce.data(), nonce.size()) != 0) {
    return refuse("it answers another login (nonce)");
  }
  const std::string subject = text_of(claims, "sub");
  if (subject.empty() || subject.size() > kSubjectBytesMax) return refuse("it does not say whose it is (sub)");
  return {};
}

}  // namespace

std::string to_base64url(ByteView bytes) {
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Result<Bytes> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return fail(Code::kInvalid, "this is no base64url");
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return from_base64(padded);
}

Result<KeySet> KeySet::parse(std::string_view text) {
  if (text.size() > kKeySetBytesMax) return fail(Code::kInvalid, "the set of keys is too large");
  const Json json = Json::parse(text, nullptr, false);
  const auto keys = json.is_object() ? json.find("keys") : json.end();
  if (!json.is_object() || keys == json.end() || !keys->is_array() || keys->size() > kKeysMax) {
    return fail(Code::kInvalid, "this is no set of keys (RFC 7517)");
  }
  KeySet set;
  for (const Json& one : *keys) {
    if (auto key = parse_key(one)) set.keys_.push_back(std::move(*key));
  }
  return set;
}

const KeySet::Key* KeySet::find(std::string_view id, Algorithm algorithm) const {
  const Key* found = nullptr;
  for (const Key& key : keys_) {
    const bool fits = key.is_rsa == (algorithm != Algorithm::kEs256) && (!key.only || *key.only == algorithm);
    if (!fits || (!id.empty() && key.id != id)) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

std::string IdToken::text(std::string_view claim) const {
  const Json json = Json::parse(claims, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(claim);
  if (found == json.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? found->dump() : std::string();
}

std::vector<std::string> IdToken::texts(std::string_view claim) const {
  std::vector<std::string> all;
  const Json json = Json::parse(claims, nullptr, false);
  if (!json.is_object()) return all;
  const auto found = json.find(claim);
  if (found == json.end()) return all;
  if (found->is_string()) all.push_back(found->get<std::string>());
  if (!found->is_array()) return all;
  for (const Json& one : *found) {
    if (one.is_string()) all.push_back(one.get<std::string>());
  }
  return all;
}

Result<IdToken> verify_id_token(std::string_view token, const KeySet& keys, const ExpectedToken& expected) {
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kTokenBytesMax || second == std::string_view::npos ||
      token.find('.', second + 1) != std::string_view::npos) {
    return refuse("it does not have three parts");
  }
  WEERBAAR_ASSIGN(const Json header, read_object(token.substr(0, first), "its header"));
  const auto algorithm = parse_algorithm(text_of(header, "alg"));
  if (!algorithm) return refuse("it is not signed by RS256, PS256 or ES256");
  if (header.contains("crit") || header.contains("b64"))
    return refuse("it asks for extensions that are not known here");
  if (header.contains("kid") && text_of(header, "kid").empty()) return refuse("its key has no name");
  const auto signature = from_base64url(token.substr(second + 1));
  if (!signature || signature->empty()) return refuse("it has no signature");
  const KeySet::Key* const key = keys.find(text_of(header, "kid"), *algorithm);
  if (key == nullptr) return fail(Code::kNotFound, "the ID token is signed by a key that the provider does not name");
  WEERBAAR_TRY(check_signature(token.substr(0, second), *signature, *algorithm, *key));
  WEERBAAR_ASSIGN(const Json claims, read_object(token.substr(first + 1, second - first - 1), "its payload"));
  WEERBAAR_TRY(check_claims(claims, expected));
  // What is no UTF-8 was refused by the parser.
  return IdToken{text_of(claims, "sub"), claims.dump()};
}

}  // namespace weerbaar::people

#include "people/jwt.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <nlohmann/json.hpp>

#include "people/testing_jwt.h"

namespace weerbaar::people {
namespace {

class JwtTest : public ::testing::Test {
 protected:
  static const TestKey& rsa() {
    static const TestKey key(Algorithm::kRs256);
    return key;
  }
  static const TestKey& other_rsa() {
    static const TestKey key(Algorithm::kRs256);
    return key;
  }
  static const TestKey& ec() {
    static const TestKey key(Algorithm::kEs256);
    return key;
  }
  void SetUp() override {
    claims_ = {{"iss", expected_.issuer}, {"aud", "weerbaar"}, {"sub", "s1"},      {"nonce", "n-1"},
               {"iat", kNow - 5},         {"exp", kNow + 300}, {"employee", "u7"}, {"groups", {"a", "b"}}};
    keys_ = set_of({rsa().jwk("r1"), ec().jwk("e1")});
  }
  static KeySet set_of(const std::vector<nlohmann::json>& keys) {
    return *KeySet::parse(nlohmann::json({{"keys", keys}}).dump());
  }
  Result<IdToken> verify(const std::string& token) { return verify_id_token(token, keys_, expected_); }
  std::string signed_token(const nlohmann::json& claims) {
    return rsa().sign({{"alg", "RS256"}, {"kid", "r1"}}, claims);
  }
  // Whether the token with these claims is refused, by a right signature.
  bool refused(const nlohmann::json& claims) {
    const auto token = verify(signed_token(claims));
    return !token && token.error().code == Code::kDenied;
  }
  nlohmann::json with(const std::string& name, const nlohmann::json& value) {
    nlohmann::json changed = claims_;
    changed[name] = value;
    return changed;
  }
  nlohmann::json without(const std::string& name) {
    nlohmann::json changed = claims_;
    changed.erase(name);
    return changed;
  }

  static constexpr int64_t kNow = 1'780'000'000;
  ExpectedToken expected_{"https://login.example", "weerbaar", "n-1", kNow};
  nlohmann::json claims_;
  KeySet keys_;
};

TEST_F(JwtTest, takes_a_token_of_each_algorithm) {
  for (const std::string& token :
       {signed_token(claims_), rsa().sign({{"alg", "PS256"}, {"kid", "r1"}}, claims_),
        ec().sign({{"alg", "ES256"}, {"kid", "e1"}}, claims_), ec().sign({{"alg", "ES256"}}, claims_)}) {
    const auto read = verify(token);
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->subject, "s1");
    EXPECT_EQ(read->text("employee"), "u7");
    EXPECT_EQ(read->texts("groups"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(read->texts("employee"), (std::vector<std::string>{"u7"}));
    EXPECT_TRUE(read->texts("none").empty());
  }
}

TEST_F(JwtTest, refuses_what_is_not_signed) {
  const std::string payload = to_base64url(as_bytes(claims_.dump()));
  for (const char* const header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"nOnE","kid":"r1"})", R"({"alg":""})", R"({})",
        R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":"RS256","kid":"r1"})"}) {
    const std::string front = to_base64url(as_bytes(header)) + "." + payload;
    EXPECT_FALSE(verify(front + ".")) << header;
    EXPECT_FALSE(verify(front)) << header;
    EXPECT_FALSE(verify(front + ".AAAA")) << header;
  }
}

TEST_F(JwtTest, refuses_hs256_made_with_the_public_key) {
  for (const char* const algorithm : {"HS256", "HS512", "hs256"}) {
    const std::string front = to_base64url(as_bytes(nlohmann::json({{"alg", algorithm}, {"kid", "r1"}}).dump())) + "." +
                              to_base64url(as_bytes(claims_.dump()));
    for (const std::string& secret : {rsa().pem(), rsa().jwk("r1")["n"].get<std::string>()}) {
      uint8_t mac[EVP_MAX_MD_SIZE];
      unsigned bytes = 0;
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), as_bytes(front).data(), front.size(), mac,
           &bytes);
      EXPECT_FALSE(verify(front + "." + to_base64url({mac, bytes}))) << algorithm;
    }
  }
}

TEST_F(JwtTest, refuses_a_token_that_was_forged_changed_or_cut) {
  EXPECT_FALSE(verify(other_rsa().sign({{"alg", "RS256"}, {"kid", "r1"}}, claims_)));
  const std::string token = signed_token(claims_);
  for (size_t at = 0; at < token.size(); at += 7) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify(changed)) << at;
  }
  for (size_t size = 0; size < token.size(); size += 5) EXPECT_FALSE(verify(token.substr(0, size))) << size;
  EXPECT_FALSE(verify(token + "."));
  EXPECT_FALSE(verify(token + "A"));
  EXPECT_FALSE(verify(token + "="));
  EXPECT_FALSE(verify(std::string(kTokenBytesMax + 1, 'a')));
  const std::string changed_claims = to_base64url(as_bytes(with("sub", "s2").dump()));
  const size_t first = token.find('.');
  EXPECT_FALSE(verify(token.substr(0, first + 1) + changed_claims + token.substr(token.rfind('.'))));
}

TEST_F(JwtTest, refuses_the_key_of_another_or_of_another_algorithm) {
  EXPECT_EQ(verify(rsa().sign({{"alg", "RS256"}, {"kid", "r9"}}, claims_)).error().code, Code::kNotFound);
  EXPECT_EQ(verify(rsa().sign({{"alg", "RS256"}, {"kid", "e1"}}, claims_)).error().code, Code::kNotFound);
  EXPECT_FALSE(verify(rsa().sign({{"alg", "ES256"}, {"kid", "e1"}}, claims_)));
  EXPECT_FALSE(verify(rsa().sign({{"alg", "PS256"}, {"kid", "r1"}}, claims_, Algorithm::kRs256)));
  nlohmann::json only = rsa().jwk("r1");
  only["alg"] = "PS256";
  keys_ = set_of({only});
  EXPECT_FALSE(verify(signed_token(claims_)));
  EXPECT_TRUE(verify(rsa().sign({{"alg", "PS256"}, {"kid", "r1"}}, claims_)));
  keys_ = set_of({rsa().jwk("r1"), other_rsa().jwk("r1")});
  EXPECT_FALSE(verify(signed_token(claims_)));
}

TEST_F(JwtTest, refuses_a_key_that_the_token_brings_itself_and_extensions) {
  EXPECT_FALSE(verify(other_rsa().sign({{"alg", "RS256"}, {"jwk", other_rsa().jwk("x")}, {"kid", "r1"}}, claims_)));
  EXPECT_FALSE(verify(rsa().sign({{"alg", "RS256"}, {"kid", "r1"}, {"crit", {"exp"}}}, claims_)));
  EXPECT_FALSE(verify(rsa().sign({{"alg", "RS256"}, {"kid", "r1"}, {"b64", false}}, claims_)));
  EXPECT_FALSE(verify(rsa().sign({{"alg", "RS256"}, {"kid", 1}}, claims_)));
}

TEST_F(JwtTest, refuses_another_issuer_audience_party_or_login) {
  EXPECT_FALSE(refused(claims_));
  for (const nlohmann::json& issuer : {nlohmann::json("https://login.example/"), nlohmann::json("http://login.example"),
                                       nlohmann::json(""), nlohmann::json(1)}) {
    EXPECT_TRUE(refused(with("iss", issuer))) << issuer;
  }
  EXPECT_TRUE(refused(with("aud", "other")));
  EXPECT_TRUE(refused(with("aud", nlohmann::json::array())));
  EXPECT_TRUE(refused(with("aud", {"other", "third"})));
  EXPECT_TRUE(refused(with("aud", {"weerbaar", "other"})));
  EXPECT_TRUE(refused(with("azp", "other")));
  EXPECT_FALSE(refused(with("azp", "weerbaar")));
  nlohmann::json two = with("aud", {"weerbaar", "other"});
  two["azp"] = "weerbaar";
  EXPECT_FALSE(refused(two));
  EXPECT_TRUE(refused(with("nonce", "n-2")));
  EXPECT_TRUE(refused(with("sub", "")));
  EXPECT_TRUE(refused(with("sub", std::string(256, 's'))));
  for (const char* const name : {"iss", "aud", "sub", "nonce", "exp", "iat"})
    EXPECT_TRUE(refused(without(name))) << name;
}

TEST_F(JwtTest, refuses_a_token_of_another_time) {
  EXPECT_TRUE(refused(with("exp", kNow - kClockSlackSeconds)));
  EXPECT_FALSE(refused(with("exp", kNow - kClockSlackSeconds + 1)));
  EXPECT_TRUE(refused(with("exp", "2099-01-01")));
  EXPECT_TRUE(refused(with("nbf", kNow + kClockSlackSeconds + 1)));
  EXPECT_TRUE(refused(with("nbf", "soon")));
  EXPECT_FALSE(refused(with("nbf", kNow)));
  EXPECT_TRUE(refused(with("iat", kNow + kClockSlackSeconds + 1)));
  EXPECT_TRUE(refused(with("iat", kNow - kTokenAgeSecondsMax - 1)));
  EXPECT_TRUE(refused(with("exp", 1e300)));
}

TEST_F(JwtTest, takes_no_weak_or_wrong_keys) {
  nlohmann::json encryption = rsa().jwk("r1");
  encryption["use"] = "enc";
  nlohmann::json wrong_point = ec().jwk("e1");
  wrong_point["y"] = wrong_point["x"];
  nlohmann::json one = rsa().jwk("r1");
  one["e"] = "AQ";
  const std::vector<nlohmann::json> unusable = {encryption,
                                                wrong_point,
                                                one,
                                                {{"kty", "RSA"}, {"n", "AQAB"}, {"e", "AQAB"}},
                                                {{"kty", "oct"}, {"k", "c2VjcmV0"}},
                                                {{"kty", "EC"}, {"crv", "P-384"}},
                                                7,
                                                nullptr};
  EXPECT_EQ(set_of(unusable).size(), 0U);
  for (const char* const wrong : {"", "[]", "{}", R"({"keys":{}})", "nonsense"}) EXPECT_FALSE(KeySet::parse(wrong));
}

TEST_F(JwtTest, reads_base64url_strictly) {
  EXPECT_EQ(to_base64url(as_bytes("\xfb\xff\xfe")), "-__-");
  EXPECT_TRUE(from_base64url("-__-"));
  for (const char* const wrong : {"+//+", "AA==", "A", "AB", "A A", "AAA\n"})
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
}

}  // namespace
}  // namespace weerbaar::people

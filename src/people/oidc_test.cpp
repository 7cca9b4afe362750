#include "people/oidc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "people/testing_jwt.h"

namespace weerbaar::people {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A provider as small as can be: it gives what it is told to.
class OidcTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.issuer = "https://login.example";
    settings_.client_id = "weerbaar";
    settings_.client_secret = "s:1";
    settings_.redirect_uri = "https://weerbaar.example/api/v1/oidc/callback";
    settings_.employee_claim = "employee";
    settings_.roles = {{"analysts", {Role::kAnalyst, Role::kEmployee}}, {"staff", {Role::kEmployee}}};
    login_ = std::make_unique<OidcLogin>(
        settings_, [this](const ProviderRequest& asked) { return answer(asked); }, [this] { return Time{now_, 0}; });
  }
  Result<std::string> answer(const ProviderRequest& asked) {
    asked_.push_back(asked);
    if (asked.url == settings_.issuer + "/.well-known/openid-configuration") return configuration_.dump();
    if (asked.url == "https://login.example/keys") {
      return nlohmann::json({{"keys", {key_->jwk(key_id_)}}}).dump();
    }
    if (asked.url == "https://login.example/token") {
      return nlohmann::json({{"id_token", key_->sign({{"alg", "ES256"}, {"kid", key_id_}}, claims_)}}).dump();
    }
    return fail(Code::kIo, "404");
  }
  size_t asked_for(const std::string& url) {
    return static_cast<size_t>(std::ranges::count(asked_, url, &ProviderRequest::url));
  }
  static std::string parameter(const std::string& url, const std::string& name) {
    const size_t at = url.find(name + "=") + name.size() + 1;
    return url.substr(at, url.find('&', at) - at);
  }
  // Begins a login, and gives what the browser brings back after it.
  OidcLogin::Answer go() {
    const auto begun = login_->begin();
    EXPECT_TRUE(begun) << (begun ? "" : begun.error().text);
    url_ = begun->url;
    claims_ = {{"iss", settings_.issuer},
               {"aud", "weerbaar"},
               {"sub", "s1"},
               {"nonce", parameter(url_, "nonce")},
               {"iat", now_ / kMicrosPerSecond},
               {"exp", now_ / kMicrosPerSecond + 60},
               {"employee", "u7"},
               {"groups", {"analysts", "staff", "unknown"}}};
    return {"c-1", parameter(url_, "state"), std::nullopt, begun->cookie};
  }
  Code refused(const OidcLogin::Answer& answer) {
    const auto person = login_->finish(answer);
    return person ? Code::kExists : person.error().code;
  }

  OidcSettings settings_;
  nlohmann::json configuration_ = {{"issuer", "https://login.example"},
                                   {"authorization_endpoint", "https://login.example/authorize"},
                                   {"token_endpoint", "https://login.example/token"},
                                   {"jwks_uri", "https://login.example/keys"}};
  std::unique_ptr<TestKey> key_ = std::make_unique<TestKey>(Algorithm::kEs256);
  std::string key_id_ = "k1";
  nlohmann::json claims_;
  std::vector<ProviderRequest> asked_;
  int64_t now_ = 1'780'000'000 * kMicrosPerSecond;
  std::string url_;
  std::unique_ptr<OidcLogin> login_;
};

TEST_F(OidcTest, gives_who_it_is_with_the_roles_that_the_settings_map) {
  const OidcLogin::Answer answer = go();
  EXPECT_THAT(url_, HasSubstr("https://login.example/authorize?response_type=code&client_id=weerbaar&redirect_uri=https"
                              "%3A%2F%2Fweerbaar.example%2Fapi%2Fv1%2Foidc%2Fcallback&scope=openid&state="));
  EXPECT_THAT(url_, HasSubstr("&code_challenge_method=S256"));
  const auto person = login_->finish(answer);
  ASSERT_TRUE(person) << person.error().text;
  EXPECT_EQ(person->subject, "s1");
  EXPECT_EQ(person->employee, "u7");
  EXPECT_THAT(person->roles, ElementsAre(Role::kAnalyst, Role::kEmployee));
}

TEST_F(OidcTest, shows_the_provider_the_verifier_of_its_challenge_and_its_secret) {
  ASSERT_TRUE(login_->finish(go()));
  const auto asked = std::ranges::find(asked_, "https://login.example/token", &ProviderRequest::url);
  ASSERT_NE(asked, asked_.end());
  EXPECT_EQ(asked->user, "weerbaar");
  EXPECT_EQ(asked->password, "s%3A1");
  EXPECT_EQ(parameter(asked->form, "code"), "c-1");
  EXPECT_EQ(parameter(asked->form, "code_verifier").size(), 43U);
  EXPECT_NE(parameter(asked->form, "code_verifier"), parameter(url_, "code_challenge"));
}

TEST_F(OidcTest, finishes_a_login_once_in_its_own_browser_and_in_time) {
  OidcLogin::Answer answer = go();
  ASSERT_TRUE(login_->finish(answer));
  EXPECT_EQ(refused(answer), Code::kDenied);
  answer = go();
  answer.cookie = "other";
  EXPECT_EQ(refused(answer), Code::kDenied);
  answer = go();
  answer.state = go().state;
  EXPECT_EQ(refused(answer), Code::kDenied);
  answer = go();
  now_ += OidcLogin::kLoginMicrosMax;
  EXPECT_EQ(refused(answer), Code::kDenied);
  answer = go();
  answer.code.clear();
  EXPECT_EQ(refused(answer), Code::kDenied);
}

TEST_F(OidcTest, is_not_filled_by_who_begins_many_logins) {
  const OidcLogin::Answer answer = go();
  for (size_t i = 0; i < 2 * OidcLogin::kFinishedMax; ++i) ASSERT_TRUE(login_->begin());
  EXPECT_TRUE(login_->finish(answer));
}

TEST_F(OidcTest, takes_no_cookie_that_was_changed_or_is_of_another_server) {
  OidcLogin::Answer answer = go();
  answer.cookie[answer.cookie.size() / 2] ^= 1;
  EXPECT_EQ(refused(answer), Code::kDenied);
  answer = go();
  answer.cookie.resize(answer.cookie.size() / 2);
  EXPECT_EQ(refused(answer), Code::kDenied);
}

TEST_F(OidcTest, refuses_the_answer_of_another_provider) {
  OidcLogin::Answer answer = go();
  answer.issuer = "https://evil.example";
  EXPECT_EQ(refused(answer), Code::kDenied);
  configuration_["authorization_response_iss_parameter_supported"] = true;
  now_ += OidcLogin::kKeysMicros;
  EXPECT_EQ(refused(go()), Code::kDenied);
  answer = go();
  answer.issuer = settings_.issuer;
  EXPECT_EQ(refused(answer), Code::kExists);
}

TEST_F(OidcTest, refuses_a_token_of_another_login_and_one_without_employee) {
  OidcLogin::Answer answer = go();
  claims_["nonce"] = "another";
  EXPECT_EQ(refused(answer), Code::kDenied);
  answer = go();
  claims_.erase("employee");
  EXPECT_EQ(refused(answer), Code::kDenied);
}

TEST_F(OidcTest, learns_a_new_key_of_the_provider_at_once_but_asks_once_a_minute_at_most) {
  ASSERT_TRUE(login_->finish(go()));
  EXPECT_EQ(asked_for("https://login.example/keys"), 1U);
  now_ += OidcLogin::kKeysMicrosMin;
  key_ = std::make_unique<TestKey>(Algorithm::kEs256);
  key_id_ = "k2";
  ASSERT_TRUE(login_->finish(go()));
  EXPECT_EQ(asked_for("https://login.example/keys"), 2U);
  key_id_ = "k3";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(refused(go()), Code::kDenied);
  EXPECT_EQ(asked_for("https://login.example/keys"), 2U);
}

TEST_F(OidcTest, speaks_https_only_and_believes_no_provider_that_says_to_be_another) {
  for (const char* const url : {"http://login.example/authorize", "http://127.0.0.1/authorize", "javascript:x", "",
                                "https://login.example/a b"}) {
    configuration_["authorization_endpoint"] = url;
    EXPECT_FALSE(login_->begin()) << url;
  }
  configuration_["authorization_endpoint"] = "https://login.example/authorize";
  configuration_["issuer"] = "https://login.example/";
  EXPECT_FALSE(login_->begin());
}

}  // namespace
}  // namespace weerbaar::people

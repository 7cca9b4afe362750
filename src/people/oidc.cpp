#include "people/oidc.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "people/percent.h"

namespace weerbaar::people {
namespace {

using Json = nlohmann::json;

constexpr size_t kRandomBytes = 32;
constexpr std::string_view kSealedFor = "login under way";

std::unexpected<Error> denied(std::string_view why) {
  return fail(Code::kDenied, "the login is refused: " + std::string(why));
}

Result<std::string> random_text() {
  std::array<uint8_t, kRandomBytes> bytes{};
  WEERBAAR_TRY(os::fill_random(bytes));
  return to_base64url(bytes);
}

std::string challenge_of(const std::string& verifier) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(as_bytes(verifier).data(), verifier.size(), digest.data());
  return to_base64url(digest);
}

// application/x-www-form-urlencoded.
std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  std::string form;
  for (const auto& [name, value] : pairs) {
    form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, percent_encoded(value));
  }
  return form;
}

std::string text_of(const Json& json, std::string_view name) {
  if (!json.is_object()) return {};
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// "http://127.0.0.1:3000/…", "http://[::1]/…", "http://localhost/…".
bool is_loopback(std::string_view url) {
  constexpr std::string_view kHttp = "http://";
  if (!url.starts_with(kHttp)) return false;
  const std::string_view rest = url.substr(kHttp.size());
  const std::string_view host = rest.substr(0, rest.find('/'));
  for (const std::string_view one : {"127.0.0.1", "[::1]", "localhost"}) {
    if (host == one || (host.starts_with(one) && host.substr(one.size()).starts_with(':') &&
                        host.substr(one.size() + 1).find_first_not_of("0123456789") == std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Status OidcLogin::check_url(const std::string& url) const {
  const bool is_clean = std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F; });
  if (is_clean && url.starts_with("https://")) return {};
  if (is_clean && settings_.plain_http_to_loopback && is_loopback(url)) return {};
  return fail(Code::kInvalid, "the provider of OpenID Connect is reached by https only");
}

Result<OidcLogin::Provider> OidcLogin::provider() {
  const int64_t now = clock_().micros;
  {
    const std::lock_guard lock(mutex_);
    if (provider_ && now - provider_at_ < kKeysMicros) return *provider_;
  }
  const std::string issuer =
      settings_.issuer.ends_with('/') ? settings_.issuer.substr(0, settings_.issuer.size() - 1) : settings_.issuer;
  const std::string url = issuer + "/.well-known/openid-configuration";
  WEERBAAR_TRY(check_url(url));
  WEERBAAR_ASSIGN(const std::string text, ask_({url, "", "", ""}));
  const Json json = Json::parse(text, nullptr, false);
  if (text_of(json, "issuer") != settings_.issuer) {
    return fail(Code::kInvalid,
                "the provider says that it is another issuer than people.oidc.issuer: write it as the "
                "provider does, to the letter");
  }
  Provider provider;
  provider.authorization_endpoint = text_of(json, "authorization_endpoint");
  provider.token_endpoint = text_of(json, "token_endpoint");
  provider.keys_uri = text_of(json, "jwks_uri");
  const auto says = json.find("authorization_response_iss_parameter_supported");
  provider.says_issuer = says != json.end() && says->is_boolean() && says->get<bool>();
  for (const std::string* const one :
       {&provider.authorization_endpoint, &provider.token_endpoint, &provider.keys_uri}) {
    WEERBAAR_TRY(check_url(*one));
  }
  const std::lock_guard lock(mutex_);
  provider_ = provider;
  provider_at_ = now;
  return provider;
}

Result<std::shared_ptr<const KeySet>> OidcLogin::keys(const Provider& provider, bool again) {
  const int64_t now = clock_().micros;
  {
    const std::lock_guard lock(mutex_);
    const int64_t age = now - keys_at_;
    if (keys_ != nullptr && age < (again ? kKeysMicrosMin : kKeysMicros)) return keys_;
  }
  WEERBAAR_ASSIGN(const std::string text, ask_({provider.keys_uri, "", "", ""}));
  WEERBAAR_ASSIGN(KeySet set, KeySet::parse(text));
  const std::lock_guard lock(mutex_);
  keys_ = std::make_shared<const KeySet>(std::move(set));
  keys_at_ = now;
  return keys_;
}

Result<OidcLogin::Begun> OidcLogin::begin() {
  WEERBAAR_ASSIGN(const Provider provider, this->provider());
  Login login;
  WEERBAAR_ASSIGN(login.state, random_text());
  WEERBAAR_ASSIGN(login.nonce, random_text());
  WEERBAAR_ASSIGN(login.verifier, random_text());
  login.begun = clock_().micros;
  Begun begun;
  WEERBAAR_ASSIGN(begun.cookie, seal(login));
  begun.url = provider.authorization_endpoint;
  begun.url += begun.url.find('?') == std::string::npos ? '?' : '&';
  begun.url += form_of({{"response_type", "code"},
                        {"client_id", settings_.client_id},
                        {"redirect_uri", settings_.redirect_uri},
                        {"scope", settings_.scope},
                        {"state", login.state},
                        {"nonce", login.nonce},
                        {"code_challenge", challenge_of(login.verifier)},
                        {"code_challenge_method", "S256"}});
  return begun;
}

Result<std::string> OidcLogin::seal(const Login& login) {
  if (!box_) return std::unexpected(box_.error());
  return box_->seal(fmt::format("{} {} {} {}", login.state, login.nonce, login.verifier, login.begun), kSealedFor);
}

Result<OidcLogin::Login> OidcLogin::unseal(std::string_view cookie) {
  if (!box_) return std::unexpected(box_.error());
  const auto text = box_->open(cookie, kSealedFor);
  if (!text) return denied("this browser did not begin it, or the server was started again since: begin again");
  Login login;
  std::istringstream(*text) >> login.state >> login.nonce >> login.verifier >> login.begun;
  if (clock_().micros - login.begun >= kLoginMicrosMax) return denied("it took too long: begin again");
  return login;
}

bool OidcLogin::finish_once(const Login& login) {
  const std::lock_guard lock(mutex_);
  const auto is_over = [&](const auto& one) { return login.begun - one.first >= kLoginMicrosMax; };
  while (!finished_in_order_.empty() &&
         (finished_in_order_.size() >= kFinishedMax || is_over(finished_in_order_.front()))) {
    finished_.erase(finished_in_order_.front().second);
    finished_in_order_.pop_front();
  }
  if (!finished_.insert(login.state).second) return false;
  finished_in_order_.emplace_back(login.begun, login.state);
  return true;
}

Result<std::string> OidcLogin::exchange(const Provider& provider, const Answer& answer, const Login& login) {
  ProviderRequest request;
  request.url = provider.token_endpoint;
  request.form = form_of({{"grant_type", "authorization_code"},
                          {"code", answer.code},
                          {"redirect_uri", settings_.redirect_uri},
                          {"code_verifier", login.verifier}});
  if (settings_.client_secret.empty()) {
    request.form += "&" + form_of({{"client_id", settings_.client_id}});
  } else {
    // RFC 6749 section 2.3.1 has both encoded first.
    request.user = percent_encoded(settings_.client_id);
    request.password = percent_encoded(settings_.client_secret);
  }
  WEERBAAR_ASSIGN(const std::string text, ask_(request));
  std::string token = text_of(Json::parse(text, nullptr, false), "id_token");
  if (token.empty()) return denied("the provider gave no ID token");
  return token;
}

Result<IdToken> OidcLogin::verify(const Provider& provider, const std::string& token, const std::string& nonce) {
  const ExpectedToken expected{settings_.issuer, settings_.client_id, nonce, clock_().micros / kMicrosPerSecond};
  WEERBAAR_ASSIGN(std::shared_ptr<const KeySet> known, keys(provider, false));
  auto verified = verify_id_token(token, *known, expected);
  if (verified || verified.error().code != Code::kNotFound) return verified;
  // The provider may have a new key since.
  WEERBAAR_ASSIGN(known, keys(provider, true));
  verified = verify_id_token(token, *known, expected);
  if (!verified && verified.error().code == Code::kNotFound) return denied("the provider does not name the key of it");
  return verified;
}

Result<OidcPerson> OidcLogin::finish(const Answer& answer) {
  WEERBAAR_ASSIGN(const Login login, unseal(answer.cookie));
  if (!same(answer.state, login.state)) return denied("the answer belongs to another login (state)");
  if (!finish_once(login)) return denied("it was finished already: begin again");
  WEERBAAR_ASSIGN(const Provider provider, this->provider());
  if ((provider.says_issuer && !answer.issuer) || (answer.issuer && *answer.issuer != settings_.issuer)) {
    return denied("another provider answered (iss)");
  }
  if (answer.code.empty()) return denied("the provider gave no code");
  WEERBAAR_ASSIGN(const std::string token, exchange(provider, answer, login));
  WEERBAAR_ASSIGN(const IdToken read, verify(provider, token, login.nonce));
  OidcPerson person{settings_.issuer, read.subject, read.text(settings_.employee_claim), {}};
  if (person.employee.empty())
    return denied("the provider does not say which employee this is (people.oidc.employee_claim)");
  for (const std::string& value : read.texts(settings_.roles_claim)) {
    const auto found = settings_.roles.find(value);
    if (found == settings_.roles.end()) continue;
    for (const Role role : found->second) {
      if (std::ranges::find(person.roles, role) == person.roles.end()) person.roles.push_back(role);
    }
  }
  return person;
}

}  // namespace weerbaar::people

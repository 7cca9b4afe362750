// Login by a provider of OpenID Connect (Core 1.0): authorization code flow with PKCE S256 (RFC 7636), state, nonce and
// the issuer in the answer (RFC 9207).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "people/jwt.h"
#include "people/roles.h"
#include "people/secret_box.h"
#include "people/store.h"

namespace weerbaar::people {

struct OidcSettings {
  std::string issuer;  // as the provider writes it, to the letter
  std::string client_id;
  std::string client_secret;  // empty: a public client
  std::string redirect_uri;   // "https://…/api/v1/oidc/callback"
  std::string scope = "openid";
  std::string employee_claim = "sub";
  std::string roles_claim = "groups";
  std::map<std::string, Roles, std::less<>> roles;  // what each value of that claim gives
  bool plain_http_to_loopback = false;              // for tests and for a provider on this very machine
};

// A request to the provider: with a form it is a POST. Only https, unless the settings let it be loopback.
struct ProviderRequest {
  std::string url;
  std::string form;
  std::string user;  // of HTTP Basic; empty: none
  std::string password;
};
// The body of an answer with status 200. kIo for anything else.
using AskProvider = std::function<Result<std::string>(const ProviderRequest&)>;

struct OidcPerson {
  std::string issuer;
  std::string subject;
  std::string employee;
  Roles roles;
};

// Thread-safe. What a login under way needs is in its cookie, encrypted with a key that lives as long as this: whoever
// begins many fills nothing here. After a restart they are begun again.
class OidcLogin {
 public:
  static constexpr int64_t kLoginMicrosMax = 10 * 60 * kMicrosPerSecond;
  // Logins that were finished lately and are not finished again. Beyond it the oldest is forgotten, of which the
  // provider takes no code a second time either.
  static constexpr size_t kFinishedMax = 10'000;
  // What the provider says of itself, and its keys, are asked again after so long; for a key that is not known at once,
  // but not more often than this.
  static constexpr int64_t kKeysMicros = 3'600 * kMicrosPerSecond;
  static constexpr int64_t kKeysMicrosMin = 60 * kMicrosPerSecond;

  OidcLogin(OidcSettings settings, AskProvider ask, Clock clock = os::now)
      : settings_(std::move(settings)),
        ask_(std::move(ask)),
        clock_(std::move(clock)),
        box_(SecretBox::with_new_key()) {}

  struct Begun {
    std::string url;     // where to send the browser
    std::string cookie;  // what the browser must show when it comes back
  };
  Result<Begun> begin();

  // What the browser brings back. kDenied for anything that is wrong; each login is finished once.
  struct Answer {
    std::string code;
    std::string state;
    std::optional<std::string> issuer;
    std::string cookie;
  };
  Result<OidcPerson> finish(const Answer& answer);

 private:
  struct Login {
    std::string state;
    std::string nonce;
    std::string verifier;
    int64_t begun = 0;
  };
  Result<std::string> seal(const Login& login);
  // kDenied when it is not one that seal() made, too old, or finished.
  Result<Login> unseal(std::string_view cookie);
  bool finish_once(const Login& login);
  struct Provider {
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string keys_uri;
    bool says_issuer = false;
  };

  Result<Provider> provider();
  Result<std::shared_ptr<const KeySet>> keys(const Provider& provider, bool again);
  Result<std::string> exchange(const Provider& provider, const Answer& answer, const Login& login);
  Result<IdToken> verify(const Provider& provider, const std::string& token, const std::string& nonce);
  [[nodiscard]] Status check_url(const std::string& url) const;

  const OidcSettings settings_;
  const AskProvider ask_;
  const Clock clock_;
  const Result<SecretBox> box_;
  std::mutex mutex_;
  std::unordered_set<std::string> finished_;  // by state
  std::deque<std::pair<int64_t, std::string>> finished_in_order_;
  std::optional<Provider> provider_;
  int64_t provider_at_ = 0;
  std::shared_ptr<const KeySet> keys_;
  int64_t keys_at_ = 0;
};

}  // namespace weerbaar::people

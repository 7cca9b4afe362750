// Who is logged in: sessions behind a random name that only the client knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "people/accounts.h"
#include "people/store.h"

namespace weerbaar::people {

inline constexpr int64_t kSessionIdleMicros = 15 * 60 * kMicrosPerSecond;
inline constexpr int64_t kSessionMicros = 8 * 3'600 * kMicrosPerSecond;
// The moment of use is written so often, at most: a session may end that much early.
inline constexpr int64_t kSessionTouchMicros = 30 * kMicrosPerSecond;
inline constexpr size_t kSessionIdDigits = 64;
// Beyond it the oldest of an account ends.
inline constexpr int64_t kSessionsOfAccountMax = 8;

// Thread-safe. The database holds the SHA-256 of an id, so that who reads it can be nobody. Accounts ends the sessions
// of one that changes.
class Sessions {
 public:
  Sessions(Store& store, Accounts& accounts) : store_(store), accounts_(accounts) {}

  // 256 random bits in hexadecimal.
  Result<std::string> begin(int64_t account);
  // Whose it is, and from now on used; kDenied when there is none, or it ended.
  Result<Account> find(std::string_view id);
  Status end(std::string_view id);

 private:
  Store& store_;
  Accounts& accounts_;
};

// What a request that changes something shows beside the cookie: known to the page that got it, not to another site
// that makes the browser send the cookie. Made of the id by a hash, from which the id cannot be found.
std::string csrf_token(std::string_view session_id);

}  // namespace weerbaar::people

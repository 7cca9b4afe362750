// Who is logged in: sessions behind a random name that only the client knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// A session as its owner sees it.
struct Session {
  std::string mark;  // names it, and opens nothing
  int64_t begun_at = 0;
  int64_t used_at = 0;  // up to kSessionTouchMicros late
  bool is_this = false;
};

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
  // Those of the account that live, the newest first. `id` is that of the one by which it is asked.
  Result<std::vector<Session>> list(int64_t account, std::string_view id);
  // One of the account; kNotFound for the mark of none of them.
  Status end_marked(int64_t account, std::string_view mark);
  Status end_all(int64_t account);

 private:
  Store& store_;
  Accounts& accounts_;
};

// What a request that changes something shows beside the cookie: known to the page that got it, not to another site
// that makes the browser send the cookie. Made of the id by a hash, from which the id cannot be found.
std::string csrf_token(std::string_view session_id);

}  // namespace weerbaar::people

#include "people/sessions.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace weerbaar::people {
namespace {

std::string sha256_of(std::string_view prefix, std::string_view text) {
  std::string all(prefix);
  all += text;
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(as_bytes(all).data(), all.size(), digest.data());
  return to_hex(digest);
}

std::string digest_of(std::string_view id) {
  return sha256_of("weerbaar session\n", id);
}

std::unexpected<Error> ended() {
  return fail(Code::kDenied, "log in first: there is no session, or it ended");
}

}  // namespace

std::string csrf_token(std::string_view session_id) {
  return sha256_of("weerbaar csrf\n", session_id);
}

Result<std::string> Sessions::begin(int64_t account) {
  std::array<uint8_t, kSessionIdDigits / 2> random{};
  WEERBAAR_TRY(os::fill_random(random));
  std::string id = to_hex(random);
  const int64_t now = store_.now();
  const Status begun = store_.write([&](sql::Database& database) -> Status {
    WEERBAAR_TRY(database.change("DELETE FROM session WHERE used_at <= $1 OR begun_at <= $2",
                                 {now - kSessionIdleMicros, now - kSessionMicros}));
    WEERBAAR_TRY(
        database.change("DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE account = $1 "
                        "ORDER BY begun_at DESC LIMIT 1000000 OFFSET $2)",
                        {account, kSessionsOfAccountMax - 1}));
    WEERBAAR_TRY(database.change("INSERT INTO session VALUES ($1, $2, $3, $3)", {digest_of(id), account, now}));
    return {};
  });
  if (!begun) return std::unexpected(begun.error());
  return id;
}

Result<Account> Sessions::find(std::string_view id) {
  if (id.size() != kSessionIdDigits) return ended();
  const std::string digest = digest_of(id);
  int64_t number = 0;
  int64_t begun = 0;
  int64_t used = 0;
  WEERBAAR_TRY(store_.read([&](sql::Database& database) {
    return database.query("SELECT account, begun_at, used_at FROM session WHERE digest = $1", {digest},
                          [&](const sql::Row& row) -> Status {
                            number = row.integer(0);
                            begun = row.integer(1);
                            used = row.integer(2);
                            return {};
                          });
  }));
  const int64_t now = store_.now();
  // A clock that was set back ends a session too.
  if (number == 0 || now - used >= kSessionIdleMicros || now - begun >= kSessionMicros || now < begun) return ended();
  WEERBAAR_ASSIGN(Account account, accounts_.find(number));
  if (account.disabled) return ended();
  if (now - used >= kSessionTouchMicros) {
    WEERBAAR_TRY(store_.write([&](sql::Database& database) {
      return database.change("UPDATE session SET used_at = $1 WHERE digest = $2", {now, digest});
    }));
  }
  return account;
}

Status Sessions::end(std::string_view id) {
  WEERBAAR_TRY(store_.write([&](sql::Database& database) {
    return database.change("DELETE FROM session WHERE digest = $1", {digest_of(id)});
  }));
  return {};
}

}  // namespace weerbaar::people

#include "people/sessions.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace weerbaar::people {
namespace {

// Of the digest: enough to tell the sessions of one account apart.
constexpr size_t kMarkDigits = 16;

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

bool lives(int64_t begun, int64_t used, int64_t now) {
  // A clock that was set back ends a session too.
  return now - used < kSessionIdleMicros && now - begun < kSessionMicros && now >= begun;
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
  if (number == 0 || !lives(begun, used, now)) return ended();
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

Result<std::vector<Session>> Sessions::list(int64_t account, std::string_view id) {
  const std::string own = digest_of(id);
  const int64_t now = store_.now();
  std::vector<Session> sessions;
  WEERBAAR_TRY(store_.read([&](sql::Database& database) {
    return database.query("SELECT digest, begun_at, used_at FROM session WHERE account = $1 ORDER BY begun_at DESC",
                          {account}, [&](const sql::Row& row) -> Status {
                            const std::string digest(row.text(0));
                            const Session session{digest.substr(0, kMarkDigits), row.integer(1), row.integer(2),
                                                  digest == own};
                            if (lives(session.begun_at, session.used_at, now)) sessions.push_back(session);
                            return {};
                          });
  }));
  return sessions;
}

Status Sessions::end_marked(int64_t account, std::string_view mark) {
  return store_.write([&](sql::Database& database) -> Status {
    std::string found;
    WEERBAAR_TRY(
        database.query("SELECT digest FROM session WHERE account = $1", {account}, [&](const sql::Row& row) -> Status {
          const std::string digest(row.text(0));
          if (std::string_view(digest).substr(0, kMarkDigits) == mark) found = digest;
          return {};
        }));
    if (found.empty()) return fail(Code::kNotFound, "you have no such session");
    WEERBAAR_TRY(database.change("DELETE FROM session WHERE digest = $1", {found}));
    return {};
  });
}

Status Sessions::end_all(int64_t account) {
  return store_.write([&](sql::Database& database) -> Status {
    WEERBAAR_TRY(database.change("DELETE FROM session WHERE account = $1", {account}));
    return {};
  });
}

}  // namespace weerbaar::people

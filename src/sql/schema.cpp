#include "sql/schema.h"

#include <fmt/format.h>

namespace weerbaar::sql {
namespace {

// Whoever brings a schema up waits for this one; any number does that is always the same.
constexpr int64_t kAdvisoryLock = 0x77656572'62616172;

Result<bool> has_table(Database& database, const std::string& table) {
  const std::string_view question =
      database.dialect() == Dialect::kSqlite
          ? "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
          : "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1";
  bool found = false;
  WEERBAAR_TRY(database.query(question, {table}, [&](const Row& row) -> Status {
    found = row.integer(0) > 0;
    return {};
  }));
  return found;
}

Result<int64_t> version_of(Database& database, const Schema& schema) {
  int64_t version = 0;
  WEERBAAR_ASSIGN(const bool found, has_table(database, schema.table));
  if (!found) return version;
  WEERBAAR_TRY(
      database.query(fmt::format("SELECT MAX(version) FROM {}", schema.table), {}, [&](const Row& row) -> Status {
        version = row.integer(0);
        return {};
      }));
  if (version <= schema.version) return version;
  return fail(Code::kInvalid, fmt::format("{} has version {}, and this program knows {}: use a newer one",
                                          schema.holder, version, schema.version));
}

// SQLite lets one write at a time; PostgreSQL would let two make the same table, of which one fails.
Status wait_for_others(Database& database) {
  if (database.dialect() == Dialect::kSqlite) return {};
  return database.query("SELECT pg_advisory_xact_lock($1)", {kAdvisoryLock}, [](const Row&) { return Status(); });
}

}  // namespace

Status bring_up(Database& database, const Schema& schema) {
  WEERBAAR_ASSIGN(const int64_t seen, version_of(database, schema));
  if (seen == schema.version) return {};
  WEERBAAR_ASSIGN(Transaction transaction, Transaction::begin(database));
  WEERBAAR_TRY(wait_for_others(database));
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE IF NOT EXISTS {} (version {} NOT NULL)", schema.table, database.integer_type())));
  WEERBAAR_ASSIGN(const int64_t version, version_of(database, schema));
  if (version < schema.version) {
    WEERBAAR_TRY(schema.take_over(database, version));
    WEERBAAR_TRY(database.change(fmt::format("INSERT INTO {} VALUES ($1)", schema.table), {schema.version}));
  }
  return transaction.commit();
}

}  // namespace weerbaar::sql

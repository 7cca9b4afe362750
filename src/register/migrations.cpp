#include "register/migrations.h"

#include <fmt/format.h>

#include "register/statements.h"

namespace weerbaar::facts {
namespace {

constexpr int64_t kVersion = 2;

Result<int64_t> version_of(sql::Database& database) {
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE IF NOT EXISTS schema_version (version {} NOT NULL)", database.integer_type())));
  int64_t version = 0;
  WEERBAAR_TRY(database.query("SELECT MAX(version) FROM schema_version", {}, [&](const sql::Row& row) -> Status {
    version = row.integer(0);
    return {};
  }));
  return version;
}

Status make_table(const Table& table, sql::Database& database) {
  WEERBAAR_TRY(database.change(create_table(table, database)));
  WEERBAAR_TRY(database.change(create_index(table)));
  return {};
}

Status make_version_2(sql::Database& database) {
  WEERBAAR_TRY(database.change(
      fmt::format("CREATE TABLE import (number {0} PRIMARY KEY, table_name {1} NOT NULL, made_at {0} NOT NULL, "
                  "made_by {1} NOT NULL, file_name {1} NOT NULL, digest {1} NOT NULL)",
                  database.integer_type(), database.binary_text_type())));
  for (const Table& table : tables()) WEERBAAR_TRY(make_table(table, database));
  return {};
}

// Version 1 had all tables but one.
Status take_over_version_1(sql::Database& database) {
  return make_table(*find_table("reported"), database);
}

}  // namespace

Status migrate(sql::Database& database) {
  WEERBAAR_ASSIGN(sql::Transaction transaction, sql::Transaction::begin(database));
  WEERBAAR_ASSIGN(const int64_t version, version_of(database));
  if (version > kVersion) {
    return fail(Code::kInvalid, fmt::format("the register has version {}, and this program knows {}: use a newer one",
                                            version, kVersion));
  }
  if (version < 1) {
    WEERBAAR_TRY(make_version_2(database));
  } else if (version < kVersion) {
    WEERBAAR_TRY(take_over_version_1(database));
  }
  if (version < kVersion) WEERBAAR_TRY(database.change("INSERT INTO schema_version VALUES ($1)", {kVersion}));
  return transaction.commit();
}

}  // namespace weerbaar::facts

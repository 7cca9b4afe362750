#include "sql/database.h"

#include <utility>

#include "sql/postgresql.h"
#include "sql/sqlite.h"

namespace weerbaar::sql {

Result<std::unique_ptr<Database>> Database::open(std::string_view address) {
  constexpr std::string_view kSqlite = "sqlite:";
  constexpr std::string_view kPostgresql = "postgresql:";
  if (address.starts_with(kSqlite)) return open_sqlite(std::string(address.substr(kSqlite.size())));
  if (address.starts_with(kPostgresql)) return open_postgresql(std::string(address.substr(kPostgresql.size())));
  return fail(Code::kInvalid, "a database is named as sqlite:FILE or postgresql:CONNECTION");
}

Result<Transaction> Transaction::begin(Database& database) {
  WEERBAAR_TRY(database.change(database.dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // Where even this fails, the connection is gone, and with it the transaction.
  if (database_ != nullptr) static_cast<void>(database_->change("ROLLBACK"));
}

Status Transaction::commit() {
  if (database_ == nullptr) return fail(Code::kStopped, "the transaction has ended");
  WEERBAAR_TRY(database_->change("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace weerbaar::sql

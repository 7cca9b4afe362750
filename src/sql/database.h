// One relational database behind the same calls, on SQLite (a file; the default) or on PostgreSQL.
//
// What both can do, and do alike: whole numbers and texts, transactions, statements of standard SQL with the parameters
// $1, $2 …. Moments are microseconds since 1970, flags 0 or 1. Texts compare by their bytes where the schema says so
// (binary_text_type()).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace weerbaar::sql {

enum class Dialect : uint8_t { kSqlite, kPostgresql };

// Nothing, a whole number, or a text: UTF-8 without a zero byte, which only one of the two could keep.
using Value = std::variant<std::monostate, int64_t, std::string_view>;

// A row of an answer. Columns count from 0; what it gives lives until the next row.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool is_null(size_t column) const = 0;
  // 0 where there is nothing.
  [[nodiscard]] virtual int64_t integer(size_t column) const = 0;
  // Empty where there is nothing.
  [[nodiscard]] virtual std::string_view text(size_t column) const = 0;
};

// An error ends the answer, and is that of the query.
using Visit = std::function<Status(const Row&)>;

// Takes rows in, as fast as the database can.
class Appender {
 public:
  // Drops what was not finished.
  virtual ~Appender() = default;
  // As many values as columns. An error ends the transaction around it.
  virtual Status add(std::span<const Value> values) = 0;
  virtual Status finish() = 0;
};

// Not thread-safe. Errors name the database, and say what to do; they never repeat a value: kExists for what must be
// unique, kInvalid for another rule of the schema or a wrong statement, kBusy when another one holds it, kDenied,
// kNoSpace, kCorrupt, else kIo.
class Database {
 public:
  // "sqlite:FILE", made when it is not there, or "postgresql:" and a connection as libpq takes it
  // ("postgresql:host=… dbname=…"). What was acknowledged survives a crash of the machine.
  static Result<std::unique_ptr<Database>> open(std::string_view address);

  virtual ~Database() = default;
  [[nodiscard]] virtual Dialect dialect() const = 0;
  // For a person: its file, or its name and server; no password.
  [[nodiscard]] virtual const std::string& name() const = 0;
  // The type of a column of texts that compare by their bytes.
  [[nodiscard]] std::string_view binary_text_type() const {
    return dialect() == Dialect::kSqlite ? "TEXT" : R"(TEXT COLLATE "C")";
  }
  // The type of a column of whole numbers of 64 bits.
  [[nodiscard]] std::string_view integer_type() const { return dialect() == Dialect::kSqlite ? "INTEGER" : "BIGINT"; }

  // One statement; how many rows it changed.
  virtual Result<uint64_t> change(std::string_view statement, std::span<const Value> parameters) = 0;
  // One statement; each row of its answer, of which only one is in memory here. No other call of this database from
  // within `visit`.
  virtual Status query(std::string_view statement, std::span<const Value> parameters, const Visit& visit) = 0;
  // Into a transaction that was begun. No other call until it is finished. `table` and `columns` are names of ours.
  virtual Result<std::unique_ptr<Appender>> append_to(std::string_view table,
                                                      std::span<const std::string_view> columns) = 0;

  Result<uint64_t> change(std::string_view statement, std::initializer_list<Value> parameters = {}) {
    return change(statement, std::span(parameters.begin(), parameters.size()));
  }
  Status query(std::string_view statement, std::initializer_list<Value> parameters, const Visit& visit) {
    return query(statement, std::span(parameters.begin(), parameters.size()), visit);
  }
};

// All or nothing: what is done until commit(). Begins as one that writes, so that two of them wait for each other
// instead of failing halfway.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  // Undoes what was not committed.
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  // null once it has ended
};

}  // namespace weerbaar::sql

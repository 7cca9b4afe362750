#include "sql/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "sql/remedy.h"
#include "sql/value.h"

namespace weerbaar::sql {
namespace {

constexpr int kBusyMilliseconds = 10'000;

Code code_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_CONSTRAINT:
      return result == SQLITE_CONSTRAINT_UNIQUE || result == SQLITE_CONSTRAINT_PRIMARYKEY ? Code::kExists
                                                                                          : Code::kInvalid;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::kBusy;
    case SQLITE_FULL:
      return Code::kNoSpace;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kCorrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Code::kDenied;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return Code::kIo;
    default:
      return Code::kInvalid;
  }
}

// SQLite's messages name tables, columns and words of the statement, never a value.
std::unexpected<Error> failed(sqlite3* database) {
  const Code code = code_of(sqlite3_extended_errcode(database));
  const char* const file = sqlite3_db_filename(database, "main");
  return fail(code, fmt::format("{}: the database: {}{}", file == nullptr ? "" : file, sqlite3_errmsg(database),
                                remedy_of(code)));
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// Makes a statement fit for its next use, whatever becomes of this one.
class Use {
 public:
  explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

int bind(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* const integer = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, place, *integer);
  if (const auto* const text = std::get_if<std::string_view>(&value)) {
    // An empty view may have no memory, which would be taken for nothing.
    const char* const data = text->data() == nullptr ? "" : text->data();
    return sqlite3_bind_text64(statement, place, data, text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, place);
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] bool is_null(size_t column) const override {
    return sqlite3_column_type(statement_, static_cast<int>(column)) == SQLITE_NULL;
  }
  [[nodiscard]] int64_t integer(size_t column) const override {
    return sqlite3_column_int64(statement_, static_cast<int>(column));
  }
  [[nodiscard]] std::string_view text(size_t column) const override {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, static_cast<int>(column)));
    if (text == nullptr) return {};
    return {text, static_cast<size_t>(sqlite3_column_bytes(statement_, static_cast<int>(column)))};
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteAppender final : public Appender {
 public:
  SqliteAppender(sqlite3* database, Statement statement)
      : database_(database),
        statement_(std::move(statement)),
        columns_(sqlite3_bind_parameter_count(statement_.get())) {}

  Status add(std::span<const Value> values) override {
    WEERBAAR_CHECK(values.size() == static_cast<size_t>(columns_));
    WEERBAAR_TRY(check_values(values));
    const Use use(statement_.get());
    for (size_t i = 0; i < values.size(); ++i) {
      if (bind(statement_.get(), static_cast<int>(i) + 1, values[i]) != SQLITE_OK) return failed(database_);
    }
    return sqlite3_step(statement_.get()) == SQLITE_DONE ? Status() : failed(database_);
  }
  Status finish() override { return {}; }

 private:
  sqlite3* database_;
  Statement statement_;
  int columns_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(sqlite3* database, std::string path) : database_(database), name_(std::move(path)) {}
  ~SqliteDatabase() override {
    statements_.clear();
    sqlite3_close_v2(database_);
  }
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  [[nodiscard]] Dialect dialect() const override { return Dialect::kSqlite; }
  [[nodiscard]] const std::string& name() const override { return name_; }

  Result<uint64_t> change(std::string_view statement, std::span<const Value> parameters) override {
    const auto before = static_cast<uint64_t>(sqlite3_total_changes64(database_));
    WEERBAAR_TRY(run(statement, parameters, [](sqlite3_stmt*) { return Status(); }));
    return static_cast<uint64_t>(sqlite3_total_changes64(database_)) - before;
  }

  Status query(std::string_view statement, std::span<const Value> parameters, const Visit& visit) override {
    return run(statement, parameters, [&](sqlite3_stmt* at) { return visit(SqliteRow(at)); });
  }

  Result<std::unique_ptr<Appender>> append_to(std::string_view table,
                                              std::span<const std::string_view> columns) override {
    std::string places;
    for (size_t i = 0; i < columns.size(); ++i) places += i == 0 ? "?" : ", ?";
    const std::string text = fmt::format("INSERT INTO {} ({}) VALUES ({})", table, fmt::join(columns, ", "), places);
    WEERBAAR_ASSIGN(Statement statement, prepare(text));
    return std::make_unique<SqliteAppender>(database_, std::move(statement));
  }

 private:
  Result<Statement> prepare(std::string_view text) {
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    const int result = sqlite3_prepare_v3(database_, text.data(), static_cast<int>(text.size()),
                                          SQLITE_PREPARE_PERSISTENT, &made, &rest);
    Statement statement(made);
    if (result != SQLITE_OK) return failed(database_);
    if (made == nullptr || rest != text.data() + text.size()) {
      return fail(Code::kInvalid, "the database takes one statement at a time");
    }
    return statement;
  }

  // Those with parameters come again and again.
  Result<sqlite3_stmt*> find(std::string_view text) {
    const auto known = statements_.find(text);
    if (known != statements_.end()) return known->second.get();
    WEERBAAR_ASSIGN(Statement statement, prepare(text));
    if (statements_.size() == kStatementsMax) statements_.clear();
    return statements_.emplace(text, std::move(statement)).first->second.get();
  }

  template <class Take>
  Status run(std::string_view text, std::span<const Value> parameters, const Take& take) {
    WEERBAAR_TRY(check_values(parameters));
    WEERBAAR_ASSIGN(sqlite3_stmt* const statement, find(text));
    const Use use(statement);
    for (size_t i = 0; i < parameters.size(); ++i) {
      const int place = sqlite3_bind_parameter_index(statement, fmt::format("${}", i + 1).c_str());
      if (place == 0) return fail(Code::kInvalid, fmt::format("the statement has no parameter ${}", i + 1));
      if (bind(statement, place, parameters[i]) != SQLITE_OK) return failed(database_);
    }
    if (static_cast<size_t>(sqlite3_bind_parameter_count(statement)) != parameters.size()) {
      return fail(Code::kInvalid, "the statement has more parameters than it was given");
    }
    for (;;) {
      const int result = sqlite3_step(statement);
      if (result == SQLITE_DONE) return {};
      if (result != SQLITE_ROW) return failed(database_);
      WEERBAAR_TRY(take(statement));
    }
  }

  static constexpr size_t kStatementsMax = 256;

  sqlite3* database_;
  std::string name_;
  std::map<std::string, Statement, std::less<>> statements_;
};

// Where two open a new file at once, SQLite lets one of them fail at this instead of waiting for the other.
Status use_write_ahead_log(Database& database) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMilliseconds);
  for (;;) {
    const Status status = database.query("PRAGMA journal_mode = WAL", {}, [](const Row&) { return Status(); });
    if (status || status.error().code != Code::kBusy || std::chrono::steady_clock::now() > until) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// SQLite makes files that others may read, and gives its log the mode of the database. One that is there is not
// touched: to close any descriptor of it would drop the locks of every connection of this process (POSIX), and another
// process would then delete the log under them. What cannot be made SQLite cannot open, and says why.
void make_for_owner_only(const std::string& path) {
  // Nobody else of this process opens it before it is closed here.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const int made = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made >= 0) ::close(made);
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) {
  make_for_owner_only(path);
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  auto database = std::make_unique<SqliteDatabase>(opened, path);
  if (result != SQLITE_OK) {
    const Code code = code_of(result);
    return fail(code,
                fmt::format("{}: the database cannot be opened: {}{}", path, sqlite3_errstr(result), remedy_of(code)));
  }
  sqlite3_busy_timeout(opened, kBusyMilliseconds);
  // Of tables and indexes in the order of keys each row touches other pages: 64 MiB of them in memory, of both schemas.
  WEERBAAR_TRY(use_write_ahead_log(*database));
  for (const std::string_view pragma :
       {"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
        "PRAGMA main.cache_size = -65536", "PRAGMA temp.cache_size = -65536"}) {
    WEERBAAR_TRY(database->query(pragma, {}, [](const Row&) { return Status(); }));
  }
  return database;
}

}  // namespace weerbaar::sql

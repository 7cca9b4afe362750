// SQLite in WAL mode with synchronous=FULL: a transaction a batch, and an index by subject and one by actor.
#include <fmt/format.h>
#include <sqlite3.h>

#include "peers/stores.h"

namespace weerbaar::benchmarks {
namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE event (time INTEGER, id TEXT, source TEXT, actor TEXT, unit TEXT, function TEXT, action INTEGER,"
    " system TEXT, component TEXT, subject TEXT, records INTEGER, case_id TEXT);"
    "CREATE INDEX event_subject ON event (subject, time);"
    "CREATE INDEX event_actor ON event (actor, time);";
constexpr std::string_view kInsert = "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kNeedle = "SELECT time, actor FROM event WHERE subject = ? ORDER BY time";
// SQLite groups by sorting all rows; counting them here takes a fraction of that.
constexpr std::string_view kAll = "SELECT time, system FROM event";
// Pages in the write-ahead log before they move to the database: 64 MiB, sixteen times the default, so that a page is
// moved once for several batches.
constexpr int kCheckpointPages = 16'384;

struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

// Until the next step.
std::string_view view_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return {text, static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

class SqliteStore : public Store {
 public:
  explicit SqliteStore(StoreOptions options) : Store(std::move(options)) {}
  ~SqliteStore() override { static_cast<void>(SqliteStore::close()); }

  [[nodiscard]] std::string describe() const override {
    return fmt::format("{}, in process; WAL, synchronous=FULL, a transaction of 10,000; cache_size {} MiB",
                       sqlite3_libversion(), options().cache_bytes >> 20U);
  }

  Status create() override {
    WEERBAAR_TRY(open_database());
    WEERBAAR_TRY(run(kSchema));
    return prepare();
  }
  Status open() override {
    WEERBAAR_TRY(open_database());
    return prepare();
  }
  Status close() override {
    insert_.reset();
    needle_.reset();
    if (database_ == nullptr) return {};
    return sqlite3_close(std::exchange(database_, nullptr)) == SQLITE_OK ? Status() : failure("close");
  }

  Status append(std::span<const AccessEvent> events) override {
    WEERBAAR_TRY(run("BEGIN"));
    for (const AccessEvent& event : events) WEERBAAR_TRY(insert(event));
    return run("COMMIT");
  }
  Status settle() override { return run("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE"); }

  Status needle(std::string_view bsn, std::vector<Access>& accesses) override;
  Result<std::vector<DayCount>> by_day_and_system() override;

 private:
  [[nodiscard]] std::unexpected<Error> failure(std::string_view what) const {
    return fail(Code::kIo, fmt::format("{}: {}", what, sqlite3_errmsg(database_)));
  }
  Status run(std::string_view sql) {
    const int code = sqlite3_exec(database_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status() : failure(sql);
  }
  Result<Statement> prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK) return failure(sql);
    return Statement(statement);
  }
  Status prepare() {
    WEERBAAR_ASSIGN(insert_, prepare(kInsert));
    WEERBAAR_ASSIGN(needle_, prepare(kNeedle));
    return {};
  }
  Status open_database();
  Status insert(const AccessEvent& event);

  sqlite3* database_ = nullptr;
  Statement insert_;
  Statement needle_;
};

Status SqliteStore::open_database() {
  const std::string path = directory() + "/events.sqlite";
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &database_, flags, nullptr) != SQLITE_OK) return failure(path);
  return run(
      fmt::format("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-{}; "
                  "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint={}",
                  options().cache_bytes >> 10U, kCheckpointPages));
}

Status SqliteStore::insert(const AccessEvent& event) {
  sqlite3_stmt* const statement = insert_.get();
  bool bound = true;
  const auto text = [&](int column, std::string_view value) {
    bound &=
        sqlite3_bind_text(statement, column, value.data(), static_cast<int>(value.size()), SQLITE_STATIC) == SQLITE_OK;
  };
  const auto number = [&](int column, int64_t value) {
    bound &= sqlite3_bind_int64(statement, column, value) == SQLITE_OK;
  };
  number(1, event.time.micros);
  text(2, event.id);
  text(3, event.source);
  text(4, event.actor.id);
  text(5, event.actor.unit);
  text(6, event.actor.function);
  number(7, static_cast<int64_t>(event.action));
  text(8, event.system);
  text(9, event.component);
  text(10, event.subjects[0].id);
  number(11, static_cast<int64_t>(*event.records));
  if (event.purpose.case_id.empty()) {
    bound &= sqlite3_bind_null(statement, 12) == SQLITE_OK;
  } else {
    text(12, event.purpose.case_id);
  }
  const bool done = bound && sqlite3_step(statement) == SQLITE_DONE;
  return sqlite3_reset(statement) == SQLITE_OK && done ? Status() : failure("insert");
}

Status SqliteStore::needle(std::string_view bsn, std::vector<Access>& accesses) {
  sqlite3_stmt* const statement = needle_.get();
  sqlite3_bind_text(statement, 1, bsn.data(), static_cast<int>(bsn.size()), SQLITE_STATIC);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    accesses.push_back({sqlite3_column_int64(statement, 0), std::string(view_of(statement, 1))});
  }
  sqlite3_reset(statement);
  return code == SQLITE_DONE ? Status() : failure("needle");
}

Result<std::vector<DayCount>> SqliteStore::by_day_and_system() {
  WEERBAAR_ASSIGN(const Statement statement, prepare(kAll));
  DayCounter counter;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    counter.add(sqlite3_column_int64(statement.get(), 0), view_of(statement.get(), 1));
  }
  if (code != SQLITE_DONE) return failure("count");
  return counter.counts();
}

}  // namespace

std::unique_ptr<Store> make_sqlite(StoreOptions options) {
  return std::make_unique<SqliteStore>(std::move(options));
}

}  // namespace weerbaar::benchmarks

#include "peers/postgresql_store.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <thread>

#include "base/bytes.h"

namespace weerbaar::benchmarks {
namespace {

// The order of the columns wastes nothing on alignment.
// Without autovacuum, which would make room for later rows among earlier ones: the chained one needs their order.
constexpr std::string_view kTable =
    "CREATE TABLE event (time timestamptz NOT NULL, records int8, id text NOT NULL, source text NOT NULL, "
    "actor text NOT NULL, unit text, function text, action text NOT NULL, system text NOT NULL, component text, "
    "subject text NOT NULL, case_id text{}) WITH (autovacuum_enabled = off)";
constexpr std::string_view kIndexes =
    "CREATE INDEX event_subject ON event (subject, time);"
    "CREATE INDEX event_actor ON event (actor, time)";
constexpr std::string_view kNeedle = "SELECT time, actor FROM event WHERE subject = $1 ORDER BY time";
constexpr std::string_view kLeak =
    "SELECT actor, count(DISTINCT subject), count(*), max(time) FROM event "
    "WHERE subject = ANY($1::text[]) GROUP BY actor ORDER BY 2 DESC, 1";
constexpr std::string_view kCount = "SELECT time::date, system, count(*) FROM event GROUP BY 1, 2";
constexpr int64_t kEpochMicros = 946'684'800'000'000;  // 2000-01-01, from which PostgreSQL counts
constexpr int64_t kEpochDays = kEpochMicros / kMicrosPerDay;
constexpr std::string_view kCopyHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr auto kStartPatience = std::chrono::seconds(60);
constexpr int kBinary = 1;

template <class T>
void append_big_endian(std::string& to, T value) {
  std::array<uint8_t, sizeof(T)> bytes{};
  store_be(bytes.data(), static_cast<std::make_unsigned_t<T>>(value));
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

int64_t int64_of(const PGresult* result, int row, int column) {
  return static_cast<int64_t>(load_be<uint64_t>(reinterpret_cast<const uint8_t*>(PQgetvalue(result, row, column))));
}

// Of a timestamptz.
int64_t time_of(const PGresult* result, int row, int column) {
  return int64_of(result, row, column) + kEpochMicros;
}

std::string text_of(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column))};
}

void append_int64_field(std::string& to, int64_t value) {
  append_big_endian(to, static_cast<int32_t>(sizeof value));
  append_big_endian(to, value);
}

}  // namespace

void append_int16(std::string& to, int16_t value) {
  append_big_endian(to, value);
}

void append_bytes_field(std::string& to, std::string_view bytes) {
  append_big_endian(to, static_cast<int32_t>(bytes.size()));
  to += bytes;
}

void append_event_fields(const AccessEvent& event, std::string& to) {
  append_int64_field(to, event.time.micros - kEpochMicros);
  append_int64_field(to, static_cast<int64_t>(*event.records));
  for (const std::string_view text : {event.id, event.source, event.actor.id, event.actor.unit, event.actor.function,
                                      to_string(event.action), event.system, event.component, event.subjects[0].id}) {
    append_bytes_field(to, text);
  }
  if (event.purpose.case_id.empty()) {
    append_big_endian(to, int32_t{-1});
  } else {
    append_bytes_field(to, event.purpose.case_id);
  }
}

std::string PostgresqlStore::describe() const {
  return fmt::format(
      "15, one connection by a local socket; COPY in binary form, 10,000 rows a transaction; fsync, synchronous_commit "
      "and full_page_writes on; no autovacuum meanwhile; shared_buffers {} MiB; size without write-ahead log",
      std::max<uint64_t>(options().cache_bytes >> 20U, 16));
}

std::unexpected<Error> PostgresqlStore::failure(std::string_view what) const {
  return fail(Code::kIo, fmt::format("{}: {}", what, PQerrorMessage(connection_.get())));
}

Status PostgresqlStore::run(const std::string& sql) {
  const PgResult result(PQexec(connection_.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? Status() : failure(sql);
}

Status PostgresqlStore::connect() {
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    connection_.reset(PQconnectdb(server_.connection().c_str()));
    if (PQstatus(connection_.get()) == CONNECTION_OK) return {};
    WEERBAAR_TRY(server_.check_running());
    if (std::chrono::steady_clock::now() - begin > kStartPatience) return failure("connecting");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Status PostgresqlStore::prepare() {
  const std::array<std::pair<const char*, std::string_view>, 2> statements = {{{"needle", kNeedle}, {"leak", kLeak}}};
  for (const auto& [name, sql] : statements) {
    const PgResult result(PQprepare(connection_.get(), name, sql.data(), 1, nullptr));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return failure(sql);
  }
  return {};
}

Status PostgresqlStore::create() {
  WEERBAAR_TRY(support::PostgresqlServer::create(directory(), options().cache_bytes));
  WEERBAAR_TRY(server_.start(directory()));
  WEERBAAR_TRY(connect());
  WEERBAAR_TRY(run(fmt::format(kTable, more_columns())));
  WEERBAAR_TRY(run(std::string(kIndexes)));
  return prepare();
}

Status PostgresqlStore::open() {
  WEERBAAR_TRY(server_.start(directory()));
  WEERBAAR_TRY(connect());
  return prepare();
}

Status PostgresqlStore::close() {
  connection_.reset();
  return server_.stop();
}

Status PostgresqlStore::append_row(const AccessEvent& event, std::string& to) {
  append_int16(to, kEventColumns);
  append_event_fields(event, to);
  return {};
}

Status PostgresqlStore::append(std::span<const AccessEvent> events) {
  rows_ = kCopyHeader;
  for (const AccessEvent& event : events) WEERBAAR_TRY(append_row(event, rows_));
  append_int16(rows_, -1);
  const PgResult started(PQexec(connection_.get(), "COPY event FROM STDIN (FORMAT binary)"));
  if (PQresultStatus(started.get()) != PGRES_COPY_IN) return failure("COPY");
  if (PQputCopyData(connection_.get(), rows_.data(), static_cast<int>(rows_.size())) != 1 ||
      PQputCopyEnd(connection_.get(), nullptr) != 1) {
    return failure("COPY");
  }
  bool copied = true;
  for (PgResult result(PQgetResult(connection_.get())); result; result.reset(PQgetResult(connection_.get()))) {
    copied &= PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  }
  return copied ? Status() : failure("COPY");
}

Status PostgresqlStore::settle() {
  WEERBAAR_TRY(run("VACUUM (ANALYZE) event"));
  return run("CHECKPOINT");
}

Status PostgresqlStore::needle(std::string_view bsn, std::vector<Access>& accesses) {
  const char* const values[] = {bsn.data()};
  const int lengths[] = {static_cast<int>(bsn.size())};
  const int formats[] = {kBinary};
  const PgResult result(PQexecPrepared(connection_.get(), "needle", 1, values, lengths, formats, kBinary));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return failure("needle");
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    accesses.push_back({time_of(result.get(), row, 0), text_of(result.get(), row, 1)});
  }
  return {};
}

Result<std::vector<Suspect>> PostgresqlStore::leak(std::span<const std::string> bsns) {
  const std::string list = fmt::format("{{{}}}", fmt::join(bsns, ","));
  const char* const values[] = {list.c_str()};
  const PgResult result(PQexecPrepared(connection_.get(), "leak", 1, values, nullptr, nullptr, kBinary));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return failure("leak");
  std::vector<Suspect> suspects;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    suspects.push_back({text_of(result.get(), row, 0), static_cast<uint64_t>(int64_of(result.get(), row, 1)),
                        static_cast<uint64_t>(int64_of(result.get(), row, 2)), time_of(result.get(), row, 3)});
  }
  return suspects;
}

Result<std::vector<DayCount>> PostgresqlStore::by_day_and_system() {
  const PgResult result(PQexecParams(connection_.get(), kCount.data(), 0, nullptr, nullptr, nullptr, nullptr, kBinary));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return failure("count");
  std::vector<DayCount> counts;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    const auto day = load_be<uint32_t>(reinterpret_cast<const uint8_t*>(PQgetvalue(result.get(), row, 0)));
    counts.push_back({kEpochDays + static_cast<int64_t>(day), text_of(result.get(), row, 1),
                      static_cast<uint64_t>(int64_of(result.get(), row, 2))});
  }
  return counts;
}

Result<uint64_t> PostgresqlStore::bytes() {
  return allocated_bytes(directory() + "/data/base");
}

std::unique_ptr<Store> make_postgresql(StoreOptions options) {
  return std::make_unique<PostgresqlStore>(std::move(options));
}

}  // namespace weerbaar::benchmarks

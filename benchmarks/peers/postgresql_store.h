// PostgreSQL 15: COPY in binary form, a batch a transaction with synchronous_commit, an index by subject and one by
// actor. And the same with a chain of hashes through its rows, which is what one adds to find a change.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "peers/stores.h"
#include "support/postgresql_server.h"

namespace weerbaar::benchmarks {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

class PostgresqlStore : public Store {
 public:
  explicit PostgresqlStore(StoreOptions options) : Store(std::move(options)) {}

  [[nodiscard]] std::string describe() const override;
  Status create() override;
  Status open() override;
  Status close() override;
  Status append(std::span<const AccessEvent> events) override;
  Status settle() override;
  Status needle(std::string_view bsn, std::vector<Access>& accesses) override;
  Result<std::vector<Suspect>> leak(std::span<const std::string> bsns) override;
  Result<std::vector<DayCount>> by_day_and_system() override;
  // The database, without the write-ahead log, which is of a size that does not grow with the events.
  Result<uint64_t> bytes() override;

 protected:
  // What the table has besides the columns of an event.
  [[nodiscard]] virtual std::string more_columns() const { return ""; }
  // Appends a row of the event in the binary form of COPY.
  virtual Status append_row(const AccessEvent& event, std::string& to);
  [[nodiscard]] PGconn* connection() const { return connection_.get(); }
  [[nodiscard]] std::unexpected<Error> failure(std::string_view what) const;
  Status run(const std::string& sql);

  static constexpr size_t kEventColumns = 12;

 private:
  Status connect();
  Status prepare();

  support::PostgresqlServer server_;
  std::unique_ptr<PGconn, CloseConnection> connection_;
  std::string rows_;
};

// The fields of a row in the binary form of COPY, each with its length before it.
void append_event_fields(const AccessEvent& event, std::string& to);
void append_int16(std::string& to, int16_t value);
void append_bytes_field(std::string& to, std::string_view bytes);

}  // namespace weerbaar::benchmarks

// The facts of an organisation, as they were at the time, and as they were known at the time.
//
// Nothing is forgotten: a fact that turns out to be wrong is withdrawn by a later import and stays, so that a judgement
// can be repeated from what was known when it was made.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "register/delivery.h"
#include "register/fact_digest.h"
#include "register/schema.h"
#include "sql/database.h"

namespace weerbaar::facts {

struct Source {
  std::string name;    // of the file
  std::string digest;  // SHA-256 of it, in hexadecimal
  std::string made_by;
  Time made_at;
  std::string origin = "csv";  // whose facts it holds: a snapshot ends facts of its own origin only
  // It is a snapshot: what its origin knows at that moment is all that is so then.
  std::optional<Time> snapshot_at = std::nullopt;
};

// What an import made of a table, or of what the register keeps beside its tables of facts (kBesideFacts).
struct StateChange {
  std::string table;
  TableState before;
  TableState after;
};
// The last snapshot of each origin and table, and how origins refer to cases: what later imports rest on.
inline constexpr std::string_view kBesideFacts[] = {"snapshot", "case_reference"};

// What became of a delivery. Every row of it is added, corrected, unchanged, withdrawn or refused.
struct ImportReport {
  static constexpr size_t kRefusalsMax = 1'000;

  uint64_t number = 0;     // of the import, from 1
  uint64_t added = 0;      // facts that are new
  uint64_t corrected = 0;  // facts that take the place of one with the same key and beginning
  uint64_t unchanged = 0;  // facts that are there already
  uint64_t withdrawn = 0;  // facts that a row takes back, as if they never were
  uint64_t ended = 0;      // facts that a snapshot says no more
  uint64_t kept = 0;       // facts that would have ended, if nothing of their table had been refused
  uint64_t refused = 0;
  std::vector<Refusal> refusals;    // the first of them, by place
  std::vector<StateChange> states;  // of what it touched, each once
};

// An import, as the register has it.
struct ImportedFile {
  uint64_t number = 0;
  std::string tables;  // that it may have had facts of, separated by ", "
  std::string digest;  // SHA-256 of the file, in hexadecimal
  std::string format;
  std::string origin;
  std::optional<Time> snapshot_at;
};

// A fact as it is given back. Its views live until the next one.
struct Fact {
  std::vector<std::string_view> values;  // in the order of the columns of the table; empty: nothing
  int64_t valid_from = kAlways;
  int64_t valid_to = kUntilFurtherNotice;
};

// A fact as it was recorded.
struct RecordedFact {
  int64_t valid_from = kAlways;
  int64_t valid_to = kUntilFurtherNotice;
  uint64_t import = 0;
  Time imported_at;
  std::string format;  // of the import
  uint64_t place = 0;  // in its file (name_place()); 0: an import ended it, and it stands in no file so
};
struct KnownCell {
  size_t column = 0;
  std::string_view text;  // empty: it says nothing
};

// Not thread-safe.
class Register {
 public:
  // Makes its tables where they are not there yet; kInvalid when a newer program made them.
  static Result<std::unique_ptr<Register>> open(std::unique_ptr<sql::Database> database);

  // Takes a delivery in as one import, all of it or nothing. A row is refused when it is wrong in itself, or when its
  // validity overlaps that of another fact with the same key: of an earlier row, or of one that is there and begins at
  // another moment. Errors of the delivery and of the database.
  //
  // A row that withdraws takes the fact with its key and beginning back, before the other rows go in. It is refused
  // when there never was one, or when another row says it; and all of a snapshot is, when a row of it withdraws.
  //
  // Of a snapshot, rows without a beginning begin at its moment, unless a fact says the same then. What its origin said
  // before and says no more ends (snapshot.h), in those tables of which it says anything. kInvalid for one that is
  // older than the last of its origin, and for one that says nothing.
  //
  // `record` is called when all is known and nothing is durable yet: what it fails to record does not happen.
  using Record = std::function<Status(const ImportReport&)>;
  Result<ImportReport> import(Delivery& delivery, const Source& source, const Record& record);
  // The same for a file of CSV; errors of open_fact_file().
  Result<ImportReport> import(const Table& table, std::string_view file, const Source& source, const Record& record);

  // The last import; 0 before the first.
  Result<uint64_t> imports();
  // All of them, in order.
  Result<std::vector<ImportedFile>> import_list();
  // What a table holds, as it was known after an import: reads all of it. Also of kBesideFacts, as it is now.
  Result<TableState> state(std::string_view table, uint64_t known_at);
  // Its database, for a person.
  [[nodiscard]] const std::string& name() const { return database_->name(); }
  // How many facts read() gives.
  Result<uint64_t> count(const Table& table, uint64_t known_at);
  // The facts of a table as they were known after an import, in the order of key and validity. `state`: what they are
  // together, when it is asked.
  Status read(const Table& table, uint64_t known_at, const std::function<Status(const Fact&)>& take,
              TableState* state = nullptr);

  // The first fact in that order of which these cells and the validity are so. Fast when the first column of the key is
  // among the cells.
  Result<std::optional<RecordedFact>> find(const Table& table, uint64_t known_at, std::span<const KnownCell> cells,
                                           int64_t valid_from, int64_t valid_to);

 private:
  explicit Register(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  std::unique_ptr<sql::Database> database_;
};

}  // namespace weerbaar::facts

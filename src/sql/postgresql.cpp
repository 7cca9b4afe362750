#include "sql/postgresql.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include "base/check.h"
#include "sql/remedy.h"
#include "sql/value.h"

namespace weerbaar::sql {
namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;
struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

// SQLSTATE, PostgreSQL 15 appendix A.
Code code_of(std::string_view state) {
  if (state == "23505") return Code::kExists;
  if (state == "53100") return Code::kNoSpace;
  if (state == "XX001" || state == "XX002") return Code::kCorrupt;
  if (state == "42501" || state.starts_with("28")) return Code::kDenied;
  if (state == "55P03" || state.starts_with("40") || state == "57P03") return Code::kBusy;
  if (state.empty() || state.starts_with("08") || state.starts_with("53") || state.starts_with("57") ||
      state.starts_with("58") || state.starts_with("XX")) {
    return Code::kIo;
  }
  return Code::kInvalid;
}

std::string_view field_of(const PGresult* result, int field) {
  const char* const text = PQresultErrorField(result, field);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

// libpq gives a folder as the host of a local socket; none of these is a password.
std::string name_of(const PGconn* connection) {
  const char* const database = PQdb(connection);
  const char* const host = PQhost(connection);
  return fmt::format("the PostgreSQL database {} at {}", database == nullptr ? "" : database,
                     host == nullptr ? "" : host);
}

// The server's message may repeat a value ("invalid input syntax for type bigint: …"), and its detail does: what is
// safe is the condition, and the names of ours that it is about. Of a wrong statement the message is about our own
// words.
std::unexpected<Error> refused(PGconn* connection, const PGresult* result) {
  const std::string_view state = field_of(result, PG_DIAG_SQLSTATE);
  std::string text = fmt::format("{}: SQLSTATE {}", name_of(connection), state.empty() ? "unknown" : state);
  constexpr std::array<int, 3> kNames = {PG_DIAG_TABLE_NAME, PG_DIAG_COLUMN_NAME, PG_DIAG_CONSTRAINT_NAME};
  for (const int name : kNames) {
    const std::string_view found = field_of(result, name);
    if (!found.empty()) text += fmt::format(", {}", found);
  }
  if (state.starts_with("42")) text += fmt::format(": {}", field_of(result, PG_DIAG_MESSAGE_PRIMARY));
  const Code code = code_of(state);
  text += remedy_of(code);
  return fail(code, std::move(text));
}

std::unexpected<Error> lost(PGconn* connection) {
  const bool is_there = PQstatus(connection) == CONNECTION_OK;
  return fail(Code::kIo, fmt::format("{}: {}{}", name_of(connection),
                                     is_there ? "it gave no answer" : "the connection is lost", remedy_of(Code::kIo)));
}

// Values as libpq takes them: texts that end with a zero byte.
class Parameters {
 public:
  explicit Parameters(std::span<const Value> values) : texts_(values.size()), pointers_(values.size(), nullptr) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (const auto* const integer = std::get_if<int64_t>(&values[i])) {
        texts_[i] = fmt::format("{}", *integer);
      } else if (const auto* const text = std::get_if<std::string_view>(&values[i])) {
        texts_[i] = *text;
      } else {
        continue;
      }
      pointers_[i] = texts_[i].c_str();
    }
  }
  [[nodiscard]] const char* const* pointers() const { return pointers_.data(); }
  [[nodiscard]] int count() const { return static_cast<int>(pointers_.size()); }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

class PostgresqlRow final : public Row {
 public:
  explicit PostgresqlRow(const PGresult* result) : result_(result) {}
  [[nodiscard]] bool is_null(size_t column) const override {
    return PQgetisnull(result_, 0, static_cast<int>(column)) != 0;
  }
  [[nodiscard]] int64_t integer(size_t column) const override {
    const std::string_view digits = text(column);
    int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  [[nodiscard]] std::string_view text(size_t column) const override {
    const int at = static_cast<int>(column);
    return {PQgetvalue(result_, 0, at), static_cast<size_t>(PQgetlength(result_, 0, at))};
  }

 private:
  const PGresult* result_;
};

// COPY in its text format (PostgreSQL 15, "COPY", file formats).
class PostgresqlAppender final : public Appender {
 public:
  PostgresqlAppender(PGconn* connection, size_t columns) : connection_(connection), columns_(columns) {}
  PostgresqlAppender(const PostgresqlAppender&) = delete;
  PostgresqlAppender& operator=(const PostgresqlAppender&) = delete;
  ~PostgresqlAppender() override {
    if (is_finished_) return;
    PQputCopyEnd(connection_, "left unfinished");
    while (const Answer answer{PQgetResult(connection_)}) {
    }
  }

  Status add(std::span<const Value> values) override {
    WEERBAAR_CHECK(values.size() == columns_);
    WEERBAAR_TRY(check_values(values));
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) buffer_ += '\t';
      put(values[i]);
    }
    buffer_ += '\n';
    return buffer_.size() < kBufferBytes ? Status() : send();
  }

  Status finish() override {
    WEERBAAR_TRY(send());
    is_finished_ = true;
    if (PQputCopyEnd(connection_, nullptr) != 1) return lost(connection_);
    Status status;
    while (const Answer answer{PQgetResult(connection_)}) {
      if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK && status) status = refused(connection_, answer.get());
    }
    return status;
  }

 private:
  static constexpr size_t kBufferBytes = size_t{1} << 16U;

  void put(const Value& value) {
    if (const auto* const integer = std::get_if<int64_t>(&value)) {
      fmt::format_to(std::back_inserter(buffer_), "{}", *integer);
    } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
      for (const char c : *text) put(c);
    } else {
      buffer_ += "\\N";
    }
  }
  void put(char c) {
    constexpr std::string_view kEscaped = "\\\t\n\r";
    constexpr std::string_view kLetters = "\\tnr";
    const size_t escape = kEscaped.find(c);
    if (escape != std::string_view::npos) buffer_ += '\\';
    buffer_ += escape == std::string_view::npos ? c : kLetters[escape];
  }
  Status send() {
    if (PQputCopyData(connection_, buffer_.data(), static_cast<int>(buffer_.size())) != 1) return lost(connection_);
    buffer_.clear();
    return {};
  }

  PGconn* connection_;
  size_t columns_;
  std::string buffer_;
  bool is_finished_ = false;
};

class PostgresqlDatabase final : public Database {
 public:
  explicit PostgresqlDatabase(Connection connection)
      : connection_(std::move(connection)), name_(name_of(connection_.get())) {}

  [[nodiscard]] Dialect dialect() const override { return Dialect::kPostgresql; }
  [[nodiscard]] const std::string& name() const override { return name_; }

  Result<uint64_t> change(std::string_view statement, std::span<const Value> parameters) override {
    uint64_t changed = 0;
    WEERBAAR_TRY(run(statement, parameters, [&](const PGresult* answer) -> Status {
      const char* const count = PQcmdTuples(const_cast<PGresult*>(answer));
      std::from_chars(count, count + std::strlen(count), changed);
      return {};
    }));
    return changed;
  }

  Status query(std::string_view statement, std::span<const Value> parameters, const Visit& visit) override {
    return run(statement, parameters, [&](const PGresult* answer) -> Status {
      return PQresultStatus(answer) == PGRES_SINGLE_TUPLE ? visit(PostgresqlRow(answer)) : Status();
    });
  }

  Result<std::unique_ptr<Appender>> append_to(std::string_view table,
                                              std::span<const std::string_view> columns) override {
    const std::string statement = fmt::format("COPY {} ({}) FROM STDIN", table, fmt::join(columns, ", "));
    const Answer answer{PQexec(connection_.get(), statement.c_str())};
    if (answer == nullptr) return lost(connection_.get());
    if (PQresultStatus(answer.get()) != PGRES_COPY_IN) return refused(connection_.get(), answer.get());
    return std::make_unique<PostgresqlAppender>(connection_.get(), columns.size());
  }

 private:
  static constexpr size_t kStatementsMax = 256;

  // Prepared by the server, under a name of ours: those with parameters come again and again.
  Result<std::string> prepare(std::string_view text) {
    const auto known = statements_.find(text);
    if (known != statements_.end()) return known->second;
    if (statements_.size() == kStatementsMax) {
      const Answer forgotten{PQexec(connection_.get(), "DEALLOCATE ALL")};
      statements_.clear();
    }
    std::string name = fmt::format("s{}", ++prepared_);
    const Answer answer{PQprepare(connection_.get(), name.c_str(), std::string(text).c_str(), 0, nullptr)};
    if (answer == nullptr) return lost(connection_.get());
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return refused(connection_.get(), answer.get());
    statements_.emplace(text, name);
    return name;
  }

  // Calls take(answer) for each row, and for the end.
  Status run(std::string_view text, std::span<const Value> values, const std::function<Status(const PGresult*)>& take) {
    WEERBAAR_TRY(check_values(values));
    const Parameters parameters(values);
    if (values.empty()) {
      // What is not repeated, as BEGIN or the making of a table, some of which cannot be prepared.
      if (PQsendQueryParams(connection_.get(), std::string(text).c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) !=
          1)
        return lost(connection_.get());
    } else {
      WEERBAAR_ASSIGN(const std::string name, prepare(text));
      if (PQsendQueryPrepared(connection_.get(), name.c_str(), parameters.count(), parameters.pointers(), nullptr,
                              nullptr, 0) != 1) {
        return lost(connection_.get());
      }
    }
    PQsetSingleRowMode(connection_.get());
    Status status;
    bool was_answered = false;
    while (const Answer answer{PQgetResult(connection_.get())}) {
      was_answered = true;
      if (!status) continue;  // the rest is thrown away
      const ExecStatusType how = PQresultStatus(answer.get());
      const bool is_right = how == PGRES_SINGLE_TUPLE || how == PGRES_TUPLES_OK || how == PGRES_COMMAND_OK;
      status = is_right ? take(answer.get()) : Status(refused(connection_.get(), answer.get()));
      if (!status && is_right) cancel();
    }
    if (!was_answered) return lost(connection_.get());
    return status;
  }

  // Rows that nobody wants any more need not come.
  void cancel() {
    PGcancel* const cancel = PQgetCancel(connection_.get());
    char reason[256];
    PQcancel(cancel, reason, sizeof reason);
    PQfreeCancel(cancel);
  }

  Connection connection_;
  std::string name_;
  std::map<std::string, std::string, std::less<>> statements_;  // and their names
  uint64_t prepared_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgresql(const std::string& connection) {
  Connection opened{PQconnectdb(connection.c_str())};
  if (opened == nullptr) return fail(Code::kIo, "there is no memory for a connection");
  if (PQstatus(opened.get()) != CONNECTION_OK) {
    // What libpq says names host, user and database, which whoever runs this gave, and no password.
    std::string_view why = PQerrorMessage(opened.get());
    if (why.ends_with('\n')) why.remove_suffix(1);
    return fail(Code::kIo, fmt::format("no connection to PostgreSQL: {}: see that the server runs and knows "
                                       "this user and this database",
                                       why));
  }
  PQsetNoticeProcessor(opened.get(), [](void*, const char*) {}, nullptr);
  auto database = std::make_unique<PostgresqlDatabase>(std::move(opened));
  // To compile a statement took longer than to run it: four fifths of the time of a snapshot.
  for (const std::string_view setting :
       {"SET client_encoding = 'UTF8'", "SET synchronous_commit = on", "SET timezone = 'UTC'", "SET jit = off"}) {
    WEERBAAR_TRY(database->change(setting, {}));
  }
  return database;
}

}  // namespace weerbaar::sql

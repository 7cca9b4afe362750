// One SQL statement while its log lines come in: several lines become one access.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "domain/access_event.h"
#include "ingest/source.h"
#include "ingest/sources/pgaudit/audit_message.h"
#include "ingest/sources/pgaudit/sql_persons.h"

namespace weerbaar::ingest::pgaudit {

// A statement that names more is closed and goes on in a second event. Together these bound what is held back.
inline constexpr size_t kHeldPersonsMax = kSubjectsMax;
inline constexpr size_t kHeldNameBytesMax = 64 * 1024;  // of its tables and other objects
inline constexpr size_t kHeldWordsMax = 32;             // classes, commands
// Subjects of one event: so many bytes at most, for an entry of the trail holds 65,535 bytes.
inline constexpr size_t kSubjectBytesMax = 24 * 1024;
// All tables, when component cannot hold them.
inline constexpr size_t kTablesAttributeBytesMax = 8 * 1024;

// What the text of a statement says.
struct StatementFacts {
  std::string text_template;  // every literal is "?"; comments are gone
  bool truncated = false;
  bool searches = false;  // LIKE and the like
  Verb verb = Verb::kOther;
  std::vector<TableName> tables;
  bool names_person_table = false;  // one of them has a column that identifies persons
  FoundPersons persons;
};

class StatementReader {
 public:
  explicit StatementReader(std::vector<PersonColumn> columns) : finder_(std::move(columns)) {}

  // `parameters` is null when the log does not hold them. The result lives until the next call with another statement;
  // the same statement twice in a row (a line per table) is read once.
  const StatementFacts& read(std::string_view sql, const Parameters* parameters);

  [[nodiscard]] bool has_persons() const { return !finder_.columns().empty(); }
  // Whether a relation, as pgaudit names it, has a column that identifies persons.
  [[nodiscard]] bool is_person_table(std::string_view object_name) const {
    return !object_name.empty() && finder_.columns_of(parse_table_name(object_name)) != 0;
  }

 private:
  PersonFinder finder_;
  std::vector<Token> tokens_;
  std::string sql_;
  std::optional<Parameters> parameters_;
  bool read_ = false;
  StatementFacts facts_;
};

// Who, when and where: the same for all lines of a statement.
struct Origin {
  std::string source;
  std::string session_id;
  Time time;
  std::string account;  // of the database
  std::string actor;
  ActorType actor_type = ActorType::kEmployee;
  std::string system;
  std::string database;
  std::string application_name;
  std::string terminal;
  std::string ip;
};

class OpenStatement {
 public:
  // `first_line` is the session_line_num of the first log line.
  OpenStatement(Origin origin, std::optional<uint64_t> statement_id, uint64_t first_line);

  [[nodiscard]] std::optional<uint64_t> statement_id() const { return statement_id_; }
  [[nodiscard]] bool full() const;

  // A line of pgaudit. `facts` is null when the line does not hold the statement; `unknown_persons`: it may be about
  // persons whom the log does not tell; `person_table`: its relation has a column that identifies persons. When no
  // statement names such a relation, it was reached through a view that nobody listed, and about whom is not told.
  void add_audit(const AuditMessage& audit, const StatementFacts* facts, bool unknown_persons, bool person_table);
  // The server refused, with this code: what add_denied() then adds, or a login.
  void set_denied(std::string_view sql_state);
  void set_denied_login(std::string_view sql_state);
  // A refused statement, or one inside a function that was. Null: the log does not hold it, though it may be about
  // persons when `unknown_persons`.
  void add_denied(const StatementFacts* facts, bool unknown_persons);

  // The event, or several when it has more subjects than one event holds.
  void emit(EventBatch& events) const;

 private:
  void add_facts(const StatementFacts& facts, bool touches_data);
  void add_table(std::set<TableName>& to, const TableName& table);
  void raise(Action action);
  [[nodiscard]] std::string id() const;
  [[nodiscard]] std::vector<std::string> table_names() const;
  void describe(AccessEvent& event, EventBatch& memory) const;
  [[nodiscard]] std::vector<Attribute> attributes(EventBatch& memory, bool bsn_invalid, bool with_tables) const;

  Origin origin_;
  std::optional<uint64_t> statement_id_;
  uint64_t first_line_;
  uint64_t lines_ = 0;
  Outcome outcome_ = Outcome::kSuccess;
  Action action_ = Action::kExecute;
  std::string sql_state_;
  size_t name_bytes_ = 0;          // in the next three
  std::set<TableName> objects_;    // tables as pgaudit names them
  std::set<TableName> mentioned_;  // tables as the text names them
  std::set<std::string> others_;   // functions and other objects
  std::set<std::string, std::less<>> classes_;
  std::set<std::string, std::less<>> commands_;
  std::vector<Person> persons_;  // distinct
  std::unordered_set<std::string> seen_;
  std::string query_;
  bool query_truncated_ = false;
  bool incomplete_ = false;
  bool names_person_table_ = false;
  bool searches_ = false;
  std::optional<uint64_t> records_;
};

}  // namespace weerbaar::ingest::pgaudit

#include "ingest/sources/pgaudit/pgaudit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <list>
#include <unordered_map>

#include "base/utf8.h"
#include "ingest/sources/pgaudit/audit_message.h"
#include "ingest/sources/pgaudit/csv_records.h"
#include "ingest/sources/pgaudit/mapping.h"
#include "ingest/sources/pgaudit/open_statement.h"

namespace weerbaar::ingest {
namespace pgaudit {
namespace {

// Columns of the csvlog, from 0; later versions only added behind.
enum Column : size_t {
  kLogTime = 0,
  kUserName = 1,
  kDatabaseName = 2,
  kConnectionFrom = 4,
  kSessionId = 5,
  kSessionLineNum = 6,
  kCommandTag = 7,
  kSeverity = 11,
  kSqlState = 12,
  kMessage = 13,
  kDetail = 14,
  kInternalQuery = 16,
  kContext = 18,
  kQuery = 19,
  kApplicationName = 22,
};
constexpr size_t kColumnsMin = 23;
constexpr size_t kColumnsMax = 64;
constexpr size_t kSessionIdBytesMax = 64;

constexpr std::string_view kInsufficientPrivilege = "42501";
constexpr std::string_view kInvalidPassword = "28P01";
constexpr std::string_view kInvalidAuthorization = "28000";
constexpr std::string_view kDisconnection = "disconnection: ";
constexpr std::string_view kExecute = "execute ";
constexpr std::string_view kParametersAre = "arameters: ";  // "Parameters" since PostgreSQL 16

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool contains_ignoring_case(std::string_view text, std::string_view lower_word) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::search(text.begin(), text.end(), lower_word.begin(), lower_word.end(), same) != text.end();
}

// "+01", "+0130" and "+01:30" as RFC 3339 wants it; nothing for a name.
std::optional<std::string> numeric_zone(std::string_view zone) {
  if (zone.empty() || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  if (zone.size() == 3) return std::string(zone) + ":00";
  if (zone.size() == 5) return fmt::format("{}:{}", zone.substr(0, 3), zone.substr(3));
  return std::string(zone);
}

// One record of the log, its fields as written.
class LogRecord {
 public:
  // Nothing when the columns are not those of a csvlog.
  static std::optional<LogRecord> split(std::string_view text) {
    LogRecord record;
    const auto count = split_csv(text, record.columns_);
    if (!count || *count < kColumnsMin) return std::nullopt;
    return record;
  }

  [[nodiscard]] bool is_empty(Column column) const { return columns_[column].empty() || columns_[column] == "\"\""; }
  [[nodiscard]] bool starts_with(Column column, std::string_view prefix) const {
    std::string_view text = columns_[column];
    if (text.starts_with('"')) text.remove_prefix(1);
    return text.starts_with(prefix);
  }
  // A view of the record, or of `scratch`.
  [[nodiscard]] std::string_view get(Column column, std::string& scratch) const {
    return unquote_csv(columns_[column], scratch);
  }
  void assign(Column column, std::string& to) const {
    std::string scratch;
    to = get(column, scratch);
  }
  [[nodiscard]] std::string copy(Column column) const {
    std::string scratch;
    return std::string(get(column, scratch));
  }

 private:
  std::array<std::string_view, kColumnsMax> columns_;
};

// pgaudit writes all lines of a statement when its execution begins, and those of functions soon after.
constexpr int64_t kMayGoOnMicros = 500'000;
constexpr std::string_view kMayGoOn =
    "statement: the log ends with it, so more lines of it may follow: deliver the whole log, or this part and the next "
    "as one input, or say last_statement_may_go_on = true in the mapping";

struct Session {
  std::string id;
  Time touched;
  std::optional<OpenStatement> open;
  // The records of the statement that is open, as they came: at most kLineBytesMax.
  uint64_t line = 0;
  std::string text;
  // What the last "execute …: statement" line told, for pgaudit.log_parameter = off.
  std::string executed;
  std::optional<Parameters> bound;
};

// The sessions that hold something back, the longest silent first.
class Sessions {
 public:
  // The session of this name, as the last active one. May flush another.
  Session& touch(const std::string& id, Time now, EventBatch& events) {
    flush_silent(now, events);
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
      order_.splice(order_.end(), order_, found->second);
    } else {
      if (order_.size() == kSessionsMax) close(order_.begin(), events);
      order_.push_back({id, now, {}, 0, {}, {}, {}});
      by_id_.emplace(id, std::prev(order_.end()));
    }
    order_.back().touched = std::max(order_.back().touched, now);
    return order_.back();
  }
  void end(const std::string& id, EventBatch& events) {
    if (const auto found = by_id_.find(id); found != by_id_.end()) close(found->second, events);
  }
  // Refuses what may go on behind the end of a log whose last record has this time.
  void refuse_unfinished(Time last, Output& output) {
    for (const Session& session : order_) last = std::max(last, session.touched);
    for (Session& session : order_) {
      if (!session.open || session.touched.micros < last.micros - kMayGoOnMicros) continue;
      output.refuse(session.line, std::string(kMayGoOn), session.text);
      session.open.reset();
    }
  }
  void end_all(EventBatch& events) {
    while (!order_.empty()) close(order_.begin(), events);
  }

 private:
  void flush_silent(Time now, EventBatch& events) {
    while (!order_.empty() && order_.front().touched.micros < now.micros - kHoldMicros) close(order_.begin(), events);
  }
  void close(std::list<Session>::iterator session, EventBatch& events) {
    if (session->open) session->open->emit(events);
    by_id_.erase(session->id);
    order_.erase(session);
  }

  std::list<Session> order_;
  std::unordered_map<std::string, std::list<Session>::iterator> by_id_;
};

void flush(Session& session, EventBatch& events) {
  if (session.open) session.open->emit(events);
  session.open.reset();
}

class PgauditSource final : public Source {
 public:
  explicit PgauditSource(Mapping mapping) : mapping_(std::move(mapping)), statements_(mapping_.persons) {}

  void feed(std::string_view bytes, Output& output) override {
    records_.feed(bytes);
    while (const auto record = records_.next()) take(*record, output);
  }

  void finish(Output& output) override {
    if (const auto record = records_.finish()) take(*record, output);
    if (!mapping_.last_statement_may_go_on) {
      sessions_.refuse_unfinished(read_time(last_log_time_).value_or(Time{INT64_MIN, 0}), output);
    }
    sessions_.end_all(output.events);
  }

 private:
  void take(const CsvRecord& record, Output& output) {
    const auto refuse = [&](std::string_view reason) { output.refuse(record.line, std::string(reason), record.text); };
    if (!record.problem.empty()) return refuse(record.problem);
    const auto log = LogRecord::split(record.text);
    if (!log) {
      return refuse("record: not the 23 or more columns of a PostgreSQL csvlog: set log_destination = 'csvlog'");
    }
    log->assign(kLogTime, last_log_time_);
    if (const Status status = take_log(*log, record, output.events); !status) refuse(status.error().text);
  }

  Status take_log(const LogRecord& log, const CsvRecord& record, EventBatch& events) {
    if (log.starts_with(kMessage, kAuditPrefix)) {
      WEERBAAR_TRY(check_text(record.text));
      return take_audit(log, record, events);
    }
    if (is_refusal(log)) {
      WEERBAAR_TRY(check_text(record.text));
      return take_denied(log, events);
    }
    if (log.starts_with(kMessage, kDisconnection)) {
      sessions_.end(log.copy(kSessionId), events);
    } else if (log.starts_with(kMessage, kExecute) && !log.is_empty(kDetail)) {
      remember_execute(log, events);
    }
    return {};
  }

  static Status check_text(std::string_view text) {
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
      return fail(Code::kInvalid,
                  "record: not UTF-8: give the database server encoding UTF8, or convert the log before delivery");
    }
    return {};
  }

  static bool is_refusal(const LogRecord& log) {
    std::string scratch;
    const std::string_view state = log.get(kSqlState, scratch);
    if (state != kInsufficientPrivilege && state != kInvalidPassword && state != kInvalidAuthorization) return false;
    // RAISE can give a mere notice any code.
    for (const std::string_view harmless : {"LOG", "NOTICE", "WARNING", "INFO", "DEBUG"}) {
      if (log.starts_with(kSeverity, harmless)) return false;
    }
    return !log.is_empty(kUserName);
  }

  Result<Time> log_time(const LogRecord& log) const {
    std::string scratch;
    return read_time(log.get(kLogTime, scratch));
  }

  Result<Time> read_time(std::string_view text) const {
    const size_t space = text.rfind(' ');
    if (text.size() < 20 || space < 19 || space == std::string_view::npos) {
      return fail(Code::kInvalid, "column log_time: not as YYYY-MM-DD hh:mm:ss.mmm ZONE: deliver an unchanged csvlog");
    }
    const std::string_view zone = text.substr(space + 1);
    std::optional<std::string> offset = numeric_zone(zone);
    if (!offset) {
      const auto found = mapping_.zones.find(std::string(zone));
      if (found == mapping_.zones.end()) {
        return fail(Code::kInvalid,
                    "column log_time: its zone is not known: set log_timezone = 'UTC', or name it under zones in the "
                    "mapping");
      }
      offset = found->second;
    }
    std::string rfc3339(text.substr(0, space));
    rfc3339[10] = 'T';
    auto time = parse_time(rfc3339 + *offset);
    if (!time) return fail_in("column log_time", time.error());
    return *time;
  }

  // kInvalid when the event could not be a valid one.
  Result<Origin> read_origin(const LogRecord& log) const {
    Origin origin;
    WEERBAAR_ASSIGN(origin.time, log_time(log));
    origin.source = mapping_.source;
    origin.session_id = log.copy(kSessionId);
    origin.account = log.copy(kUserName);
    origin.database = log.copy(kDatabaseName);
    origin.application_name = log.copy(kApplicationName);
    origin.system = mapping_.system.empty() ? origin.database : mapping_.system;
    read_actor(origin);
    read_place(log.copy(kConnectionFrom), origin);
    if (std::max(origin.database.size(), origin.application_name.size()) > kTextBytesMax) {
      return fail(
          Code::kInvalid,
          "columns database_name, application_name: longer than PostgreSQL allows: deliver an unchanged csvlog");
    }
    if (origin.session_id.size() > kSessionIdBytesMax) {
      return fail(Code::kInvalid, "column session_id: longer than 64 bytes: deliver an unchanged csvlog");
    }
    AccessEvent event;
    event.id = origin.session_id;
    event.source = origin.source;
    event.time = origin.time;
    event.actor.id = origin.actor;
    event.system = origin.system;
    event.workplace.terminal = origin.terminal;
    event.workplace.ip = origin.ip;
    WEERBAAR_TRY(validate(event));
    return origin;
  }

  void read_actor(Origin& origin) const {
    origin.actor = origin.account;
    if (mapping_.service_users.contains(origin.account)) origin.actor_type = ActorType::kService;
    if (!mapping_.actor_from_application_name) return;
    const std::string_view name = origin.application_name;
    if (!name.starts_with(mapping_.application_name_prefix)) return;
    const std::string_view person = name.substr(mapping_.application_name_prefix.size());
    // The client wrote it: what is no identity leaves the account, and does not get the access refused.
    if (person.empty() || person.starts_with(kPseudonymMark)) return;
    origin.actor = person;
    origin.actor_type = ActorType::kEmployee;
  }

  // "[local]", "10.1.2.3:5432", "::1:5432" or, with log_hostname, "pc17:5432".
  static void read_place(std::string_view from, Origin& origin) {
    if (from == "[local]") {
      origin.terminal = "local";
      return;
    }
    const size_t colon = from.rfind(':');
    if (colon != std::string_view::npos) from = from.substr(0, colon);
    const bool address = from.find(':') != std::string_view::npos || std::all_of(from.begin(), from.end(), [](char c) {
                           return (c >= '0' && c <= '9') || c == '.';
                         });
    (address ? origin.ip : origin.terminal) = from;
  }

  Status take_audit(const LogRecord& log, const CsvRecord& record, EventBatch& events) {
    if (!log.is_empty(kContext) || !log.is_empty(kQuery)) {
      return fail(
          Code::kInvalid,
          "message: an AUDIT text that pgaudit did not write, for it carries a context or a statement: somebody "
          "raised it in SQL; look into who and why");
    }
    std::string message_scratch;
    AuditScratch scratch;
    WEERBAAR_ASSIGN(const AuditMessage audit, parse_audit_message(log.get(kMessage, message_scratch), scratch));
    std::string line_scratch;
    const auto line = number(log.get(kSessionLineNum, line_scratch));
    if (!line) return fail(Code::kInvalid, "column session_line_num: not a number: deliver an unchanged csvlog");
    WEERBAAR_ASSIGN(Origin origin, read_origin(log));
    Session& session = sessions_.touch(origin.session_id, origin.time, events);
    if (session.open && session.open->statement_id() != audit.statement_id) flush(session, events);
    if (!is_wanted(audit)) return {};
    const bool goes_on = session.open.has_value();
    keep_text(record, goes_on, session);
    if (!goes_on) session.open.emplace(std::move(origin), audit.statement_id, *line);
    const StatementFacts* facts = nullptr;
    if (audit.statement_kind == Text::kGiven) {
      std::optional<Parameters> own;
      facts = &statements_.read(audit.statement, parameters_of(audit, session, own));
    }
    const bool told_before = audit.statement_kind == Text::kPreviouslyLogged && goes_on;
    session.open->add_audit(audit, facts, statements_.has_persons() && facts == nullptr && !told_before,
                            statements_.is_person_table(audit.object_name));
    if (session.open->full()) flush(session, events);
    return {};
  }

  static void keep_text(const CsvRecord& record, bool goes_on, Session& session) {
    if (!goes_on) {
      session.line = record.line;
      session.text.clear();
    }
    session.text += record.text.substr(0, kLineBytesMax - std::min(kLineBytesMax, session.text.size()));
    if (session.text.size() < kLineBytesMax) session.text += '\n';
  }

  [[nodiscard]] bool is_wanted(const AuditMessage& audit) const {
    if (audit.command == "PREPARE") return false;  // its EXECUTE touches the data
    if (mapping_.classes.contains(std::string(audit.audit_class))) return true;
    return audit.command == "SET" && contains_ignoring_case(audit.statement, "pgaudit");
  }

  // What is known about $1 …: from the line itself (kept in `own`), or from the execute line before it. Null: nothing.
  static const Parameters* parameters_of(const AuditMessage& audit, const Session& session,
                                         std::optional<Parameters>& own) {
    switch (audit.parameters_kind) {
      case Text::kGiven:
        own = parse_parameter_list(audit.parameters);
        break;
      case Text::kNone:
        own.emplace();
        break;
      case Text::kNotLogged:
        if (session.bound && session.executed == audit.statement) return &*session.bound;
        break;
      case Text::kPreviouslyLogged:
        break;
    }
    return own ? &*own : nullptr;
  }

  // "execute NAME: STATEMENT", detail "parameters: $1 = '…'": it precedes the audit line when log_statement is on.
  void remember_execute(const LogRecord& log, EventBatch& events) {
    std::string scratch;
    const std::string_view detail = log.get(kDetail, scratch);
    std::string message_scratch;
    const std::string_view message = log.get(kMessage, message_scratch);
    const size_t colon = message.find(": ");
    if (colon == std::string_view::npos || message.size() + detail.size() > kExecuteBytesMax) return;
    if (!is_utf8(message) || !is_utf8(detail)) return;
    const auto time = log_time(log);
    if (!time || detail.substr(1, kParametersAre.size()) != kParametersAre) return;
    Session& session = sessions_.touch(log.copy(kSessionId), *time, events);
    session.executed = message.substr(colon + 2);
    session.bound = parse_parameter_detail(detail.substr(1 + kParametersAre.size()));
  }

  Status take_denied(const LogRecord& log, EventBatch& events) {
    std::string scratch;
    const auto line = number(log.get(kSessionLineNum, scratch));
    if (!line) return fail(Code::kInvalid, "column session_line_num: not a number: deliver an unchanged csvlog");
    WEERBAAR_ASSIGN(Origin origin, read_origin(log));
    Session& session = sessions_.touch(origin.session_id, origin.time, events);
    flush(session, events);
    OpenStatement denied(std::move(origin), std::nullopt, *line);
    const std::string state = log.copy(kSqlState);
    if (state != kInsufficientPrivilege || (log.is_empty(kQuery) && is_connecting(log))) {
      denied.set_denied_login(state);
    } else {
      denied.set_denied(state);
      add_denied(log, denied);
    }
    denied.emit(events);
    return {};
  }

  static bool is_connecting(const LogRecord& log) {
    const std::string tag = log.copy(kCommandTag);
    return tag == "startup" || tag == "authentication";
  }

  void add_denied(const LogRecord& log, OpenStatement& denied) {
    if (log.is_empty(kQuery)) return denied.add_denied(nullptr, statements_.has_persons());
    std::string scratch;
    std::optional<Parameters> bound;
    for (const Column column : {kDetail, kContext}) {
      const std::string_view text = log.get(column, scratch);
      const size_t at = text.find(kParametersAre);
      if (!bound && at != std::string_view::npos)
        bound = parse_parameter_detail(text.substr(at + kParametersAre.size()));
    }
    denied.add_denied(&statements_.read(log.get(kQuery, scratch), bound ? &*bound : nullptr), false);
    // The statement inside a function that was refused.
    if (log.is_empty(kInternalQuery)) return;
    denied.add_denied(&statements_.read(log.get(kInternalQuery, scratch), nullptr), false);
  }

  Mapping mapping_;
  StatementReader statements_;
  CsvRecordReader records_;
  Sessions sessions_;
  std::string last_log_time_;  // of the last record
};

}  // namespace
}  // namespace pgaudit

Result<std::unique_ptr<Source>> create_pgaudit(const SourceOptions& options) {
  WEERBAAR_ASSIGN(pgaudit::Mapping mapping, pgaudit::parse_mapping(options));
  return std::make_unique<pgaudit::PgauditSource>(std::move(mapping));
}

}  // namespace weerbaar::ingest

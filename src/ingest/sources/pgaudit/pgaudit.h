// PostgreSQL's csvlog with pgaudit in it → access events: who read or wrote which tables, about whom.
//
// Input: log_destination = csvlog of PostgreSQL 9.0 or later (23 columns and more, UTF-8, lc_messages in English),
// pgaudit 1.0 to 1.7. Best with pgaudit.log = 'read, write, function, role, ddl', pgaudit.log_relation, log_rows and
// log_parameter on, log_disconnections on. The mapping file: mapping.h.
//
// What becomes an event
// - A statement that pgaudit logged: all its lines (one per relation, per nested statement, per audit type) are one
//   access, with all its tables and the gravest of its actions: export, delete, update, create, read, execute.
//   PREPARE alone touches nothing; its EXECUTE is logged with its text. SET of a pgaudit setting always counts.
// - A statement refused for want of a privilege (42501), and a login refused (28P01, 28000) of a known account: denied.
// - Other log records carry no event. A text that looks like pgaudit's but carries a context or a statement was raised
//   by somebody in SQL (RAISE LOG 'AUDIT: …'): it is refused.
//
// Identity: SESSION_ID/STATEMENT_ID:LINE, with "+N" when N > 1 lines were merged, where LINE is the session_line_num of
// the first of them; SESSION_ID:LINE for refusals; "#2" … when the subjects take several events. So the same file twice
// gives the same ids. A file that ends amid a statement gives an event of the lines it had; when the whole file comes
// later, that statement comes again under another id: counted twice rather than a table lost. Session ids are unique
// within one server: give each server a source of its own.
//
// Held back: at most one statement a session, until the session goes on to another, ends, is silent for
// kHoldMicros of log time, or kSessionsMax others have been active since; and until finish().
//
// Privacy: `query` is the statement with every literal replaced by "?"; parameters are not kept. What names persons is
// in `subjects` only (sql_persons.h says which conditions are understood; else attribute subjects_incomplete = true).
// Attributes: database, application_name, class, command, account (when the actor comes from application_name),
// sql_state (denied), tables (when component could not hold all), query_truncated, subjects_incomplete, bsn_invalid.
//
// Trust: user, database, address and statement come from the server. application_name comes from the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "ingest/source.h"

namespace weerbaar::ingest {

namespace pgaudit {
inline constexpr size_t kSessionsMax = 512;
inline constexpr int64_t kHoldMicros = 60'000'000;
// Of a statement in the execute line that precedes its audit line, with its parameters: longer ones are not remembered.
inline constexpr size_t kExecuteBytesMax = 64 * 1024;
}  // namespace pgaudit

// kInvalid with place and remedy when the mapping is wrong.
Result<std::unique_ptr<Source>> create_pgaudit(const SourceOptions& options);

}  // namespace weerbaar::ingest

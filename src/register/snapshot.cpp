#include "register/snapshot.h"

#include <fmt/format.h>

#include "base/time.h"
#include "register/fate.h"
#include "register/statements.h"

namespace weerbaar::facts {

Result<uint64_t> Snapshot::change(std::string_view statement) {
  return database_.change(statement, {frame_.origin});
}

Result<uint64_t> Snapshot::count(std::string_view condition) {
  uint64_t rows = 0;
  WEERBAAR_TRY(database_.query(fmt::format("SELECT COUNT(*) FROM {} AS f WHERE {}", table_name(table_), condition),
                               {frame_.origin}, [&](const sql::Row& row) -> Status {
                                 rows = static_cast<uint64_t>(row.integer(0));
                                 return {};
                               }));
  return rows;
}

Status Snapshot::check_is_latest() {
  int64_t last = kAlways;
  WEERBAAR_TRY(database_.query("SELECT as_of FROM snapshot WHERE origin = $1 AND table_name = $2",
                               {frame_.origin, table_.name}, [&](const sql::Row& row) -> Status {
                                 last = row.integer(0);
                                 return {};
                               }));
  if (last > frame_.moment) {
    return fail(
        Code::kInvalid,
        fmt::format("it says what was so at {}, and of the table \"{}\" this origin has said what was so at {}: "
                    "deliver snapshots in the order of their moments (--as-of), or import an older one under "
                    "another origin",
                    format_time({frame_.moment, 0}), table_.name, format_time({last, 0})));
  }
  WEERBAAR_TRY(database_.change(
      "INSERT INTO snapshot VALUES ($1, $2, $3) ON CONFLICT (origin, table_name) DO UPDATE SET as_of = "
      "excluded.as_of",
      {frame_.origin, table_.name, frame_.moment}));
  return {};
}

// Whether a row says what a fact says. A row without a beginning says what is so at the moment, and, without an end,
// nothing of what comes after. Apart, so that the beginning of each finds its fact among many of the same key.
std::string Snapshot::any_says(std::string_view rows, std::string_view row, std::string_view fact) const {
  const std::string same = same_columns(table_, is_known_, row, fact);
  return fmt::format(
      "(EXISTS (SELECT 1 {6} AND {2} AND {0}.valid_from < {3} AND {1}.valid_from <= {4} AND {1}.valid_to > {4} AND "
      "({0}.valid_to = {5} OR {0}.valid_to = {1}.valid_to)) OR EXISTS (SELECT 1 {6} AND {2} AND {0}.valid_from = "
      "{1}.valid_from AND {0}.valid_to = {1}.valid_to))",
      row, fact, same, kMicrosMin, frame_.moment, kUntilFurtherNotice, rows);
}

Status Snapshot::settle() {
  const std::string facts = fmt::format("FROM {} AS f WHERE f.withdrawn_in IS NULL", table_name(table_));
  WEERBAAR_TRY(database_.change(fmt::format("UPDATE incoming SET fate = {} WHERE of_table = {} AND fate = {} AND {}",
                                            Fate::kUnchanged, number_, Fate::kNew, any_says(facts, "incoming", "f"))));
  WEERBAAR_TRY(database_.change(
      fmt::format("UPDATE incoming SET valid_from = {} WHERE of_table = {} AND fate = {} AND valid_from < {}",
                  frame_.moment, number_, Fate::kNew, kMicrosMin)));
  WEERBAAR_TRY(database_.change(
      fmt::format("UPDATE incoming SET fate = {} WHERE of_table = {} AND fate = {} AND valid_to <= valid_from",
                  Fate::kEndedBefore, number_, Fate::kNew)));
  return {};
}

std::string Snapshot::is_unsaid() const {
  const std::string rows =
      fmt::format("FROM incoming AS m WHERE m.of_table = {} AND m.fate = {}", number_, Fate::kUnchanged);
  return fmt::format("f.recorded_in IN (SELECT number FROM import WHERE origin = $1) AND NOT {}",
                     any_says(rows, "m", "f"));
}

std::string Snapshot::may_end() const {
  return fmt::format("f.withdrawn_in IS NULL AND f.recorded_in < {} AND f.valid_to > {} AND {}", frame_.import,
                     frame_.moment, is_unsaid());
}

Result<Snapshot::Ends> Snapshot::end(bool is_doubtful) {
  const std::string replaced =
      fmt::format("FROM incoming AS c WHERE c.of_table = {} AND c.fate = {} AND {} AND c.valid_to > f.valid_from",
                  number_, Fate::kNew, same_key(table_, "c", "f"));
  std::string those = may_end();
  Ends ends;
  if (is_doubtful) {
    WEERBAAR_ASSIGN(ends.kept, count(fmt::format("{} AND NOT EXISTS (SELECT 1 {})", those, replaced)));
    those += fmt::format(" AND EXISTS (SELECT 1 {})", replaced);
  }
  const std::string end =
      fmt::format("COALESCE((SELECT MIN(c.valid_from) {0} AND c.valid_from < {1}), {1})", replaced, frame_.moment);
  std::string columns;
  std::string columns_of_fact;
  for (const std::string& name : column_names(table_)) {
    columns += name + ", ";
    columns_of_fact += "f." + name + ", ";
  }
  // Such a fact stands nowhere in the delivery.
  WEERBAAR_TRY(change(fmt::format(
      "INSERT INTO {0} ({1}valid_from, valid_to, recorded_in, place) SELECT {2}f.valid_from, {3}, {4}, 0 FROM {0} AS f "
      "WHERE {5} AND f.valid_from < {3}",
      table_name(table_), columns, columns_of_fact, end, frame_.import, those)));
  WEERBAAR_ASSIGN(ends.ended, change(fmt::format("UPDATE {} AS f SET withdrawn_in = {} WHERE {}", table_name(table_),
                                                 frame_.import, those)));
  return ends;
}

}  // namespace weerbaar::facts
